//! The channels to a kernel. Messages are read here as JSON, whose signature the client library has verified.

use crate::KernelError;
use crate::launch::Process;
use jupyter_protocol::{CompleteRequest, ExecuteRequest, JupyterMessage, KernelInfoRequest, ShutdownRequest};
use jupyter_zmq_client::{
    Connection, DealerSendConnection, RawMessage, create_client_control_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, peer_identity_for_session,
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
}

/// A message of the kernel.
#[derive(Debug)]
pub struct Heard {
    pub channel: Channel,
    pub kind: String,
    /// The request that it answers.
    pub request: String,
    pub content: Value,
}

/// A kernel that answers.
pub struct Speaking {
    shell: DealerSendConnection,
    control: DealerSendConnection,
    pub heard: mpsc::UnboundedReceiver<Heard>,
    pub language_info: Value,
}

impl Speaking {
    /// Connects to a process that was just started and waits until both channels carry answers.
    pub async fn open(process: &mut Process) -> Result<Speaking, KernelError> {
        let deadline = Instant::now() + START_LIMIT;
        while !process.is_listening() {
            check_alive(process)?;
            if Instant::now() > deadline {
                return Err(KernelError::Start(format!("it did not listen within {} s\n{}", START_LIMIT.as_secs(), process.last_lines())));
            }
            sleep(Duration::from_millis(10)).await;
        }
        let connected = Self::connect(process).await;
        let mut speaking = connected.map_err(|error| KernelError::Start(format!("no connection: {error}")))?;
        // What is published before our subscription arrives is lost: ask until an answer is heard on both channels.
        let (mut replied, mut published) = (false, false);
        while !(replied && published) {
            check_alive(process)?;
            if Instant::now() > deadline {
                return Err(KernelError::Start(format!("it did not answer within {} s\n{}", START_LIMIT.as_secs(), process.last_lines())));
            }
            speaking.send_shell(JupyterMessage::new(KernelInfoRequest {}, None)).await?;
            let until = Instant::now() + Duration::from_millis(200);
            while let Ok(Some(heard)) = timeout(until.saturating_duration_since(Instant::now()), speaking.heard.recv()).await {
                published |= heard.channel == Channel::Output;
                if heard.kind == "kernel_info_reply" {
                    replied = true;
                    speaking.language_info = heard.content.get("language_info").cloned().unwrap_or(Value::Null);
                }
                if replied && published {
                    break;
                }
            }
        }
        Ok(speaking)
    }

    async fn connect(process: &Process) -> jupyter_zmq_client::Result<Speaking> {
        let session = uuid::Uuid::new_v4().to_string();
        let identity = peer_identity_for_session(&session)?;
        let output = create_client_iopub_connection(&process.info, "", &session).await?;
        let shell = create_client_shell_connection_with_identity(&process.info, &session, identity).await?;
        let control = create_client_control_connection(&process.info, &session).await?;
        let ((shell, shell_answers), (control, control_answers)) = (shell.split(), control.split());
        let (tell, heard) = mpsc::unbounded_channel();
        listen(output, Channel::Output, tell.clone());
        listen(shell_answers, Channel::Shell, tell.clone());
        listen(control_answers, Channel::Shell, tell);
        Ok(Speaking { shell, control, heard, language_info: Value::Null })
    }

    async fn send_shell(&mut self, message: JupyterMessage) -> Result<(), KernelError> {
        self.shell.send(message).await.map_err(|error| KernelError::Start(format!("it does not listen: {error}")))
    }

    /// Sends code to run under the request id given. `input()` in it fails with a message: nobody could answer.
    pub async fn execute(&mut self, request: &str, code: String) -> Result<(), KernelError> {
        let mut message = JupyterMessage::new(
            ExecuteRequest { code, silent: false, store_history: true, user_expressions: None, allow_stdin: false, stop_on_error: true },
            None,
        );
        message.header.msg_id = request.to_owned();
        self.send_shell(message).await
    }

    pub async fn complete(&mut self, request: &str, code: String, cursor_pos: usize) -> Result<(), KernelError> {
        let mut message = JupyterMessage::new(CompleteRequest { code, cursor_pos }, None);
        message.header.msg_id = request.to_owned();
        self.send_shell(message).await
    }

    /// Asks the kernel to end by itself, so that its exit handlers run.
    pub async fn ask_to_end(&mut self) {
        // A kernel that cannot be told is killed right after.
        let _ = self.control.send(JupyterMessage::new(ShutdownRequest { restart: false }, None)).await;
    }
}

fn check_alive(process: &mut Process) -> Result<(), KernelError> {
    match process.child.try_wait() {
        Ok(None) => Ok(()),
        Ok(Some(status)) => Err(KernelError::Start(format!("it ended with {status}\n{}", process.last_lines()))),
        Err(error) => Err(KernelError::Start(error.to_string())),
    }
}

/// Reads a channel until the kernel or its reader is gone. Messages that are wrongly signed or no JSON are dropped.
fn listen<S: SocketRecv + Send + 'static>(mut connection: Connection<S>, channel: Channel, tell: mpsc::UnboundedSender<Heard>) {
    tokio::spawn(async move {
        loop {
            let multipart = tokio::select! {
                _ = tell.closed() => return,
                received = connection.socket.recv() => match received {
                    Ok(multipart) => multipart,
                    Err(error) => {
                        tracing::debug!(%error, ?channel, "a kernel's channel ended");
                        return;
                    }
                },
            };
            let heard = RawMessage::from_multipart(multipart, &connection.mac).map_err(|error| error.to_string());
            match heard.and_then(|raw| decode(&raw, channel).map_err(|error| error.to_string())) {
                Ok(heard) => drop(tell.send(heard)),
                Err(error) => tracing::warn!(%error, ?channel, "a kernel's message was dropped"),
            }
        }
    });
}

fn decode(raw: &RawMessage, channel: Channel) -> serde_json::Result<Heard> {
    let part = |index: usize| serde_json::from_slice::<Value>(raw.jparts.get(index).map_or(b"null", |part| &part[..]));
    let (header, parent) = (part(0)?, part(1)?);
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Heard { channel, kind: word(&header, "msg_type"), request: word(&parent, "msg_id"), content: part(3)? })
}
