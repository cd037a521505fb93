//! The query protocol of STS, IAM and, for older clients, CloudWatch: a form in, XML out.

use super::{caller, xml};
use crate::reply::{self, REQUEST_ID, Reply, request_id};
use crate::server::Gateway;
use atelier_wire::Error;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Forms of the operations we have are a few fields; a list of 1,000 is no honest request.
const MAX_FIELDS: usize = 1_000;
const MAX_DEPTH: usize = 8;

/// Members that are whole numbers, booleans and instants in the three services; all else is text. The form does not
/// tell, and only the model would: a dozen names are less than a second copy of it.
const NUMBERS: [&str; 7] =
    ["MaxItems", "MaxSessionDuration", "DurationSeconds", "Period", "MaxDatapoints", "PageSize", "MaxResults"];
const BOOLEANS: [&str; 2] = ["ReturnData", "IncludeLinkedAccounts"];
const INSTANTS: [&str; 2] = ["StartTime", "EndTime"];

pub async fn handle(gateway: &Gateway, parts: &Parts, service: &str, body: &[u8]) -> Reply {
    let (action, input) = match read(body) {
        Ok(read) => read,
        Err(message) => return error(service, &Error::new("MalformedQueryString", message)),
    };
    // Serialising a map of strings cannot fail.
    let input = serde_json::to_vec(&input).unwrap_or_default();
    match gateway.studio.call(caller(&parts.headers), &action, &input).await {
        Ok(answer) => success(service, &action, &answer),
        Err(failed) => {
            let code =
                if failed.code == "UnknownOperationException" { "InvalidAction".to_owned() } else { failed.code };
            error(service, &Error { code, ..failed })
        }
    }
}

fn namespace(service: &str) -> &'static str {
    match service {
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "monitoring" => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

fn success(service: &str, action: &str, answer: &[u8]) -> Reply {
    let result: Value = serde_json::from_slice(answer).unwrap_or_default();
    let id = request_id();
    let mut out = format!("<{action}Response xmlns=\"{}\">", namespace(service));
    xml::element(&mut out, &format!("{action}Result"), &result);
    out.push_str(&format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"));
    respond(StatusCode::OK, out, &id)
}

pub fn error(service: &str, error: &Error) -> Reply {
    let id = request_id();
    let fault = if error.status >= 500 { "Receiver" } else { "Sender" };
    let mut out = format!("<ErrorResponse xmlns=\"{}\"><Error><Type>{fault}</Type><Code>", namespace(service));
    xml::escape(&mut out, &error.code);
    out.push_str("</Code><Message>");
    xml::escape(&mut out, &error.message);
    out.push_str(&format!("</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"));
    respond(reply::status(error.status), out, &id)
}

fn respond(status: StatusCode, body: String, id: &str) -> Reply {
    let mut response = reply::reply(status, "text/xml", body);
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A form's fields as a tree: `Dimensions.member.2.Name` is an object's member in a list in an object.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

/// The action and its input as the JSON protocols would carry it.
fn read(form: &[u8]) -> Result<(String, Value), String> {
    let mut root = Node::default();
    let mut action = None;
    for (i, (name, value)) in form_urlencoded::parse(form).enumerate() {
        if i >= MAX_FIELDS {
            return Err(format!("More than {MAX_FIELDS} fields in one request."));
        }
        match name.as_ref() {
            "Action" => action = Some(value.into_owned()),
            "Version" => {}
            name => {
                if name.split('.').count() > MAX_DEPTH {
                    return Err("A field is nested too deeply.".to_owned());
                }
                let node =
                    name.split('.').fold(&mut root, |node, part| node.children.entry(part.to_owned()).or_default());
                node.text = Some(value.into_owned());
            }
        }
    }
    let action = action.filter(|action| action.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !action.is_empty());
    Ok((action.ok_or("The request must contain the parameter Action.")?, value_of("", root)))
}

fn value_of(name: &str, node: Node) -> Value {
    if let Some(text) = node.text {
        return typed(name, text);
    }
    let mut children = node.children;
    if children.len() == 1
        && let Some(list) = children.remove("member")
    {
        let mut items: Vec<(u64, Node)> =
            list.children.into_iter().filter_map(|(index, node)| Some((index.parse().ok()?, node))).collect();
        items.sort_by_key(|(index, _)| *index);
        return items.into_iter().map(|(_, node)| value_of(name, node)).collect();
    }
    Value::Object(children.into_iter().map(|(name, node)| (name.clone(), value_of(&name, node))).collect::<Map<_, _>>())
}

fn typed(name: &str, text: String) -> Value {
    let number = if NUMBERS.contains(&name) {
        text.parse::<i64>().ok().map(Value::from)
    } else if BOOLEANS.contains(&name) {
        text.parse::<bool>().ok().map(Value::from)
    } else if INSTANTS.contains(&name) {
        text.parse::<jiff::Timestamp>().ok().map(|at| Value::from(at.as_millisecond() as f64 / 1_000.0))
    } else {
        None
    };
    // Text that is no number is handed on as it is: validation then names it.
    number.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(form: &str, action: &str, input: Value) {
        assert_eq!(read(form.as_bytes()), Ok((action.to_owned(), input)), "{form}");
    }

    #[test]
    fn forms() {
        check("Action=GetCallerIdentity&Version=2011-06-15", "GetCallerIdentity", json!({}));
        check("Action=GetRole&RoleName=a%2Fb+c", "GetRole", json!({"RoleName": "a/b c"}));
        check("Action=ListRoles&MaxItems=10&Marker=7", "ListRoles", json!({"MaxItems": 10, "Marker": "7"}));
        check(
            "Action=S&ActionNames.member.2=b&ActionNames.member.10=c&ActionNames.member.1=a",
            "S",
            json!({"ActionNames": ["a", "b", "c"]}),
        );
        check(
            "Action=G&Dimensions.member.1.Name=n&Dimensions.member.1.Value=1&Period=60&StartTime=2015-08-30T12%3A36%3A00Z",
            "G",
            json!({"Dimensions": [{"Name": "n", "Value": "1"}], "Period": 60, "StartTime": 1_440_938_160.0}),
        );
        check("Action=G&Period=x", "G", json!({"Period": "x"}));
    }

    #[test]
    fn hostile_forms() {
        assert!(read(b"").is_err());
        assert!(read(b"Action=").is_err());
        assert!(read(b"Action=%3Cscript%3E").is_err());
        assert!(read(format!("Action=A&{}", "a.".repeat(1_000)).as_bytes()).is_err());
        assert!(read(format!("Action=A{}", "&a=1".repeat(2_000)).as_bytes()).is_err());
        check("Action=A&a.member.99999999999999999999=1&a.member.x=2&a.member.3=3", "A", json!({"a": ["3"]}));
    }
}
