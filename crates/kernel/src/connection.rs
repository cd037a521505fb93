//! The channels to a kernel. Messages are read here as JSON, whose signature the client library has verified.
//!
//! A task writes each channel and a task reads it, so that nobody who speaks to a kernel waits for it: an interrupt
//! or a shutdown passes on the control channel while the others are full.

use crate::KernelError;
use crate::inbox::{Inbox, Writer};
use crate::launch::Process;
use bytes::Bytes;
use jupyter_protocol::{JupyterMessage, JupyterMessageContent, KernelInfoRequest};
use jupyter_zmq_client::{
    Connection, DealerSendConnection, RawMessage, create_client_control_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity,
    peer_identity_for_session,
};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use zeromq::SocketRecv;

/// How long a kernel may take from its start to its first answer; a cold disk is slow.
const START_LIMIT: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Shell,
    Output,
    Stdin,
}

/// A message of the kernel.
#[derive(Debug)]
pub struct Heard {
    pub channel: Channel,
    pub kind: String,
    /// The request that it answers.
    pub request: String,
    pub content: Value,
    pub metadata: Value,
    pub buffers: Vec<Bytes>,
}

impl Heard {
    pub fn new(channel: Channel, kind: &str, request: &str) -> Heard {
        Heard {
            channel,
            kind: kind.to_owned(),
            request: request.to_owned(),
            content: Value::Null,
            metadata: Value::Null,
            buffers: Vec::new(),
        }
    }

    /// Another message about the same request.
    pub fn bare(&self) -> Heard {
        Heard::new(self.channel, &self.kind, &self.request)
    }
}

/// The writing end of a channel. Never waits; an ended kernel hears nothing more, which its end tells.
#[derive(Clone, Debug)]
pub struct Voice(mpsc::UnboundedSender<JupyterMessage>);

impl Voice {
    /// Sends `content` as the message named `request`.
    pub fn say(&self, request: &str, content: impl Into<JupyterMessageContent>) {
        self.say_with(request, content, Value::Object(Default::default()), Vec::new());
    }

    pub fn say_with(
        &self,
        request: &str,
        content: impl Into<JupyterMessageContent>,
        metadata: Value,
        buffers: Vec<Bytes>,
    ) {
        let mut message = JupyterMessage::new(content, None);
        message.header.msg_id = request.to_owned();
        message.metadata = metadata;
        message.buffers = buffers;
        // An error means that the kernel is gone.
        let _ = self.0.send(message);
    }
}

/// A kernel that answers.
#[derive(Debug)]
pub struct Speaking {
    pub shell: Voice,
    pub control: Voice,
    pub stdin: Voice,
    pub heard: Inbox,
    pub language_info: Value,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inbox")
    }
}

impl Speaking {
    /// Connects to a process that was just started and waits until both channels carry answers.
    pub async fn open(process: &mut Process) -> Result<Speaking, KernelError> {
        let deadline = Instant::now() + START_LIMIT;
        let late = |process: &Process, what: &str| {
            KernelError::Start(format!(
                "it did not {what} within {} s\n{}",
                START_LIMIT.as_secs(),
                process.last_lines()
            ))
        };
        while !process.is_listening() {
            check_alive(process)?;
            if Instant::now() > deadline {
                return Err(late(process, "listen"));
            }
            sleep(Duration::from_millis(5)).await;
        }
        let connected = Self::connect(process).await;
        let mut speaking = connected.map_err(|error| KernelError::Start(format!("no connection: {error}")))?;
        // What is published before our subscription arrives is lost: ask until an answer is heard on both channels.
        let (mut replied, mut published) = (false, false);
        while !(replied && published) {
            check_alive(process)?;
            if Instant::now() > deadline {
                return Err(late(process, "answer"));
            }
            speaking.shell.say(&new_request(), KernelInfoRequest {});
            let until = Instant::now() + Duration::from_millis(200);
            while !(replied && published)
                && let Ok(Some(heard)) =
                    timeout(until.saturating_duration_since(Instant::now()), speaking.heard.next(1)).await
            {
                for heard in heard {
                    published |= heard.channel == Channel::Output;
                    if heard.kind == "kernel_info_reply" {
                        replied = true;
                        speaking.language_info = heard.content.get("language_info").cloned().unwrap_or(Value::Null);
                    }
                }
            }
        }
        Ok(speaking)
    }

    async fn connect(process: &Process) -> jupyter_zmq_client::Result<Speaking> {
        let session = uuid::Uuid::new_v4().to_string();
        let identity = peer_identity_for_session(&session)?;
        let output = create_client_iopub_connection(&process.info, "", &session).await?;
        let shell = create_client_shell_connection_with_identity(&process.info, &session, identity.clone()).await?;
        // The kernel addresses its questions to the identity that asked on the shell channel.
        let stdin = create_client_stdin_connection_with_identity(&process.info, &session, identity).await?;
        let control = create_client_control_connection(&process.info, &session).await?;
        let heard = Inbox::default();
        listen(output, Channel::Output, heard.writer());
        let (shell, answers) = shell.split();
        listen(answers, Channel::Shell, heard.writer());
        let (control, answers) = control.split();
        listen(answers, Channel::Shell, heard.writer());
        let (stdin, questions) = stdin.split();
        listen(questions, Channel::Stdin, heard.writer());
        Ok(Speaking {
            shell: voice(shell),
            control: voice(control),
            stdin: voice(stdin),
            heard,
            language_info: Value::Null,
        })
    }
}

/// A name for a message.
pub fn new_request() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn check_alive(process: &mut Process) -> Result<(), KernelError> {
    match process.child.try_wait() {
        Ok(None) => Ok(()),
        Ok(Some(status)) => Err(KernelError::Start(format!("it ended with {status}\n{}", process.last_lines()))),
        Err(error) => Err(KernelError::Start(error.to_string())),
    }
}

/// Writes a channel until its last voice is gone.
fn voice(mut connection: DealerSendConnection) -> Voice {
    let (say, mut said) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = said.recv().await {
            if let Err(error) = connection.send(message).await {
                tracing::debug!(%error, "a kernel does not listen");
                return;
            }
        }
    });
    Voice(say)
}

/// Reads a channel until the kernel is gone or its agent is. Messages that are wrongly signed or no JSON are dropped.
fn listen<S: SocketRecv + Send + 'static>(mut connection: Connection<S>, channel: Channel, tell: Writer) {
    tokio::spawn(async move {
        loop {
            let multipart = tokio::select! {
                () = tell.abandoned() => return,
                received = connection.socket.recv() => match received {
                    Ok(multipart) => multipart,
                    Err(error) => {
                        tracing::debug!(%error, ?channel, "a kernel's channel ended");
                        return;
                    }
                },
            };
            let size = multipart.iter().map(|part| part.len()).sum();
            let heard = RawMessage::from_multipart(multipart, &connection.mac).map_err(|error| error.to_string());
            match heard.and_then(|raw| decode(raw, channel).map_err(|error| error.to_string())) {
                Ok(heard) => tell.push(heard, size),
                Err(error) => tracing::warn!(%error, ?channel, "a kernel's message was dropped"),
            }
        }
    });
}

fn decode(mut raw: RawMessage, channel: Channel) -> serde_json::Result<Heard> {
    let buffers = raw.jparts.split_off(4.min(raw.jparts.len()));
    let part = |index: usize| serde_json::from_slice::<Value>(raw.jparts.get(index).map_or(b"null", |part| &part[..]));
    let (header, parent) = (part(0)?, part(1)?);
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Heard {
        channel,
        kind: word(&header, "msg_type"),
        request: word(&parent, "msg_id"),
        metadata: part(2)?,
        content: part(3)?,
        buffers,
    })
}
