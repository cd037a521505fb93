//! The five sockets. What comes in wrong is dropped; what goes out is queued, so that nobody waits for a slow client.

use super::message::{Message, Signer};
use jupyter_protocol::ConnectionInfo;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeromq::{PubSocket, RepSocket, RouterRecvHalf, RouterSendHalf, RouterSocket, Socket, SocketRecv, SocketSend};

pub struct Channels {
    pub shell: UnboundedReceiver<Message>,
    pub control: UnboundedReceiver<Message>,
    pub stdin: UnboundedReceiver<Message>,
    pub out: Outgoing,
}

/// The ways out; cheap to copy.
#[derive(Clone)]
pub struct Outgoing {
    pub signer: Arc<Signer>,
    shell: UnboundedSender<Message>,
    control: UnboundedSender<Message>,
    stdin: UnboundedSender<Message>,
    publications: UnboundedSender<Message>,
}

impl Outgoing {
    pub fn reply(&self, is_control: bool, message: Message) {
        let way = if is_control { &self.control } else { &self.shell };
        // A failed send means that the kernel ends.
        let _ = way.send(message);
    }

    pub fn ask(&self, message: Message) {
        let _ = self.stdin.send(message);
    }

    pub fn publish(&self, kind: &str, parent: &Message, content: serde_json::Value) {
        let _ = self.publications.send(self.signer.publication(kind, parent, content));
    }
}

impl Channels {
    pub async fn bind(connection: &ConnectionInfo) -> anyhow::Result<Self> {
        let signer = Arc::new(Signer::new(&connection.key, uuid::Uuid::new_v4().to_string()));
        let (shell, shell_out) = router(&connection.shell_url(), &signer).await?;
        let (control, control_out) = router(&connection.control_url(), &signer).await?;
        let (stdin, stdin_out) = router(&connection.stdin_url(), &signer).await?;
        let mut heartbeat = RepSocket::new();
        heartbeat.bind(&connection.hb_url()).await?;
        tokio::spawn(async move {
            while let Ok(beat) = heartbeat.recv().await {
                if heartbeat.send(beat).await.is_err() {
                    break;
                }
            }
        });
        let mut publisher = PubSocket::new();
        publisher.bind(&connection.iopub_url()).await?;
        let (publications, mut waiting) = unbounded_channel::<Message>();
        let own = Arc::clone(&signer);
        tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                if let Err(error) = publisher.send(own.close(&message)).await {
                    tracing::warn!("an output could not be published: {error}");
                }
            }
        });
        let out = Outgoing { signer, shell: shell_out, control: control_out, stdin: stdin_out, publications };
        Ok(Self { shell, control, stdin, out })
    }
}

async fn router(
    url: &str,
    signer: &Arc<Signer>,
) -> anyhow::Result<(UnboundedReceiver<Message>, UnboundedSender<Message>)> {
    let mut socket = RouterSocket::new();
    socket.bind(url).await?;
    let (sender, receiver) = socket.split();
    let (incoming, requests) = unbounded_channel();
    let (replies, outgoing) = unbounded_channel();
    tokio::spawn(listen(receiver, Arc::clone(signer), incoming));
    tokio::spawn(speak(sender, Arc::clone(signer), outgoing));
    Ok((requests, replies))
}

async fn listen(mut socket: RouterRecvHalf, signer: Arc<Signer>, incoming: UnboundedSender<Message>) {
    loop {
        match socket.recv().await {
            Ok(raw) => match signer.open(raw) {
                Ok(message) => {
                    if incoming.send(message).is_err() {
                        return;
                    }
                }
                Err(garbage) => tracing::warn!("a message was ignored: {garbage}"),
            },
            Err(error) => {
                tracing::warn!("a broken message was ignored: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    }
}

async fn speak(mut socket: RouterSendHalf, signer: Arc<Signer>, mut outgoing: UnboundedReceiver<Message>) {
    while let Some(message) = outgoing.recv().await {
        if let Err(error) = socket.send(signer.close(&message)).await {
            tracing::debug!("a reply found nobody: {error}");
        }
    }
}
