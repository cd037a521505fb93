use super::{Terminal, play};

/// `|` parts rows, `[class:text]` is a styled run.
fn shown(terminal: &Terminal) -> String {
    let rows = (terminal.num_dropped()..terminal.num_rows()).map(|at| {
        let runs = terminal.row(at).into_iter().map(|span| {
            let marks =
                [span.style.class(), span.style.css(), terminal.link(span.style.link).unwrap_or_default().to_owned()];
            let marks = marks.iter().filter(|mark| !mark.is_empty()).cloned().collect::<Vec<_>>().join(" ");
            if marks.is_empty() { span.text } else { format!("[{marks}:{}]", span.text) }
        });
        runs.collect::<String>()
    });
    rows.collect::<Vec<_>>().join("|")
}

/// However the text is cut into pieces, the same stands there in the end.
fn check(text: &str, expected: &str) {
    assert_eq!(shown(&play(text)), expected, "{text:?}");
    let mut pieces = Terminal::default();
    let mut letter = [0; 4];
    for each in text.chars() {
        pieces.feed(each.encode_utf8(&mut letter));
    }
    assert_eq!(shown(&pieces), expected, "{text:?} letter by letter");
}

#[test]
fn rows() {
    check("", "");
    check("a\nb", "a|b");
    check("a\n\nb\n", "a||b");
    check("a\r\nb\r\n", "a|b");
    check("a\tb", "a       b");
    check("ab\u{8}c", "ac");
}

#[test]
fn progress_bars_are_one_row() {
    check("10%\r20%\r100%", "100%");
    check("abc\rx", "xbc");
    check("abc\r\u{1b}[Kx", "x");
    check("abc\u{1b}[2K\rx", "x");
    check("abcdef\u{1b}[3G\u{1b}[1Kx", "  xdef");
    // Two bars of tqdm, one in the other: a line down, and up again.
    check("a 0%\r\n\rb 0%\u{1b}[A\r\n\rb 50%\u{1b}[A\ra 50%", "a 50%|b 50%");
    // rich draws its lines anew: up, erase, write.
    check("one\ntwo\r\u{1b}[2K\u{1b}[1A\u{1b}[2KONE\nTWO", "ONE|TWO");
    check("one\ntwo\u{1b}[A\r1", "1ne|two");
    check("a\nb\u{1b}[1F\u{1b}[Jc", "c");
    check("old\nold\u{1b}[H\u{1b}[2Jnew", "new");
    check("\u{1b}[?25lx\u{1b}[?25h", "x");
    check("ab\u{1b}7cd\u{1b}8X", "abXd");
    check("abcdef\u{1b}[2G\u{1b}[2P", "adef");
    check("abc\u{1b}[2G\u{1b}[2@", "a  bc");
    check("abcd\u{1b}[2G\u{1b}[2X", "a  d");
}

#[test]
fn colours() {
    check("\u{1b}[31mred\u{1b}[0m no", "[a1:red] no");
    check("\u{1b}[1;34mb\u{1b}[22mc", "[a4 ab:b][a4:c]");
    check("\u{1b}[38;5;9mx", "[a9:x]");
    check("\u{1b}[38;5;196mx", "[ax --fore:#ff0000;:x]");
    check("\u{1b}[38;5;244;1mx", "[ax ab --fore:#808080;:x]");
    check("\u{1b}[38;2;0;180;7mx", "[ax --fore:#00b407;:x]");
    check("\u{1b}[48:2::1:2:3mx\u{1b}[mx", "[bx --back:#010203;:x]x");
    check("\u{1b}[7mx\u{1b}[31mx\u{1b}[27mx", "[av:x][b1:x][a1:x]");
    check("\u{1b}[97;44;2;3;4mx", "[a15 b4 ad ai au:x]");
}

#[test]
fn links_lead_to_the_web_only() {
    check("a\u{1b}]8;;https://x.org/a;b\u{7}link\u{1b}]8;;\u{7}b", "a[https://x.org/a;b:link]b");
    check("\u{1b}]8;;javascript:alert(1)\u{1b}\\x\u{1b}]8;;\u{1b}\\", "x");
    check("\u{1b}]8;;file:///etc/passwd\u{7}x", "x");
    check("\u{1b}]0;title\u{7}x", "x");
}

#[test]
fn wide_letters_take_two_columns() {
    check("漢字\rab", "ab字");
    check("漢字\ra", "a 字");
    check("漢字\u{1b}[2Gx", " x字");
    check("e\u{301}\rf", "f");
    check("e\u{301}x", "e\u{301}x");
}

#[test]
fn hostile_sequences_cost_nothing() {
    check("\u{1b}[", "");
    check("\u{1b}[99999999999B\u{1b}[9999Ax", "x");
    check("\u{1b}[9999Bx", "x");
    assert!(play("\u{1b}[65535Cx").row_text(0).len() <= super::WIDEST + 1);
    let marks = format!("a{}", "\u{301}".repeat(10_000));
    assert!(play(&marks).row_text(0).len() < 64);
}

#[test]
fn the_first_rows_go() {
    let mut terminal = Terminal::keeping(80);
    for number in 0..1000 {
        terminal.feed(&format!("{number}\n"));
    }
    assert_eq!(terminal.num_rows(), 1000);
    assert!((900..=920).contains(&terminal.num_dropped()), "{}", terminal.num_dropped());
    assert_eq!(terminal.row_text(999), "999");
    assert_eq!(terminal.row_text(terminal.num_dropped()), terminal.num_dropped().to_string());
    assert_eq!(terminal.row_text(0), "");
}

#[test]
fn only_changed_rows_get_a_new_version() {
    let mut terminal = play("a\nb\nc");
    let before: Vec<u32> = (0..3).map(|at| terminal.version(at)).collect();
    terminal.feed("\u{1b}[Ax");
    let after: Vec<u32> = (0..3).map(|at| terminal.version(at)).collect();
    assert_eq!((before[0], before[2] < after[2]), (after[0], true));
    assert!(after[1] > before[1]);
}
