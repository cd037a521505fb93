//! The window's WebSocket over a real connection.

mod client;

use atelier_wire::Event;
use client::Server;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(server: &Server, protocols: &str, origin: Option<&str>) -> Result<Socket, u16> {
    let mut request = format!("ws://{}/studio/events", server.host()).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn next(socket: &mut Socket) -> Event {
    loop {
        match socket.next().await.expect("the socket is open").unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            _ => continue,
        }
    }
}

#[tokio::test]
async fn events_arrive_in_order() {
    let server = Server::start().await;
    let mut socket = connect(&server, &format!("atelier, {}", server.token()), Some(server.address())).await.unwrap();
    for i in 0..1_000 {
        server.studio().announce("object", &i.to_string());
    }
    for i in 0..1_000 {
        assert_eq!(next(&mut socket).await, Event::Changed { tag: "object".into(), id: i.to_string() });
    }
}

/// The answers to what was called, by number, however they and the events come.
async fn answers(socket: &mut Socket, count: usize) -> BTreeMap<u64, Value> {
    let mut found = BTreeMap::new();
    while found.len() < count {
        let Message::Text(text) = socket.next().await.expect("the socket is open").unwrap() else { continue };
        let said: Value = serde_json::from_str(&text).unwrap();
        if let Some(id) = said["answer"].as_u64() {
            assert!(found.insert(id, said).is_none(), "{id} was answered twice");
        }
    }
    found
}

#[tokio::test]
async fn calls_are_answered_between_events() {
    let server = Server::start().await;
    let mut socket = connect(&server, &format!("atelier, {}", server.token()), None).await.unwrap();
    let ask = async |socket: &mut Socket, text: String| socket.send(Message::text(text)).await.unwrap();
    // More than are answered at the same time.
    for id in 1..=500 {
        server.studio().announce("object", "x");
        let value = json!({"key": format!("k{id}"), "value": "v"});
        ask(&mut socket, json!({"id": id, "call": "PutWindowState", "request": value}).to_string()).await;
    }
    let found = answers(&mut socket, 500).await;
    assert!(found.values().all(|answer| answer["status"] == 200), "{found:?}");
    ask(&mut socket, json!({"id": 1, "call": "GetWindowState", "request": {"key": "k77"}}).to_string()).await;
    assert_eq!(answers(&mut socket, 1).await[&1]["body"]["value"], "v");

    // Errors are those that a POST is answered with; what is no call ends nothing.
    ask(&mut socket, json!({"id": 2, "call": "NoSuchCall", "request": {}}).to_string()).await;
    let unknown = &answers(&mut socket, 1).await[&2];
    assert_eq!((&unknown["status"], &unknown["body"]["__type"]), (&json!(400), &json!("UnknownOperationException")));
    for nonsense in
        ["", "7", "{}", r#"{"id": -1, "call": "GetStudio", "request": {}}"#, r#"{"id": 3, "call": "GetStudio"}"#]
    {
        ask(&mut socket, nonsense.into()).await;
        assert_eq!(answers(&mut socket, 1).await[&0]["body"]["__type"], "SerializationException", "{nonsense}");
    }
    ask(&mut socket, json!({"id": 4, "call": "GetStudio", "request": {}}).to_string()).await;
    assert_eq!(answers(&mut socket, 1).await[&4]["status"], 200);
}

#[tokio::test]
async fn strangers_are_refused() {
    let server = Server::start().await;
    let right = format!("atelier, {}", server.token());
    assert_eq!(connect(&server, "atelier, wrong", None).await.err(), Some(401));
    assert_eq!(connect(&server, server.token(), None).await.err(), Some(401));
    assert_eq!(connect(&server, &right, Some("https://evil.example")).await.err(), Some(403));
    assert_eq!(connect(&server, &right, Some("null")).await.err(), Some(403));
}

#[tokio::test]
async fn a_slow_window_is_told_that_it_lagged() {
    let server = Server::start().await;
    let mut socket = connect(&server, &format!("atelier, {}", server.token()), None).await.unwrap();
    // More than the channel and both ends' buffers hold; nobody reads meanwhile.
    let long = "x".repeat(4_096);
    for _ in 0..20 {
        for _ in 0..2_000 {
            server.studio().announce("object", &long);
        }
        tokio::task::yield_now().await;
    }
    server.studio().announce("object", "last");
    let mut lagged = false;
    loop {
        match next(&mut socket).await {
            Event::Lagged => lagged = true,
            Event::Changed { id, .. } if id == "last" => break,
            _ => {}
        }
    }
    assert!(lagged);
    socket.send(Message::Close(None)).await.unwrap();
}
