// The editor's languages.
import { python } from "@codemirror/lang-python";
import { markdownLanguage, markdown } from "@codemirror/lang-markdown";
import { json } from "@codemirror/lang-json";
import { rust } from "@codemirror/lang-rust";
import { StandardSQL, sql } from "@codemirror/lang-sql";
import { parsers } from "./paint.js";

parsers.sql = StandardSQL.language.parser;
const supports = { python, markdown: () => markdown({ base: markdownLanguage }), json, rust, sql };

/// The editor's extension for a language; plain text for names that are not known.
export const language = (name) => (supports[name] ? supports[name]() : []);
