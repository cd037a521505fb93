//! The window's WebSocket over a real connection.

mod client;

use atelier_wire::Event;
use client::Server;
use futures::{SinkExt, StreamExt};
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
