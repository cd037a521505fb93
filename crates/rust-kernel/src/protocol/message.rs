//! A message on the wire: identities, a delimiter, a signature, four JSON parts, buffers.

use bytes::Bytes;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use zeromq::ZmqMessage;

const DELIMITER: &[u8] = b"<IDS|MSG>";
/// No request that a person can make is longer.
const LONGEST: usize = 256 << 20;

/// Signs what is sent and checks what comes.
#[derive(Clone)]
pub struct Signer {
    key: Vec<u8>,
    pub session: String,
}

#[derive(Clone, Debug, Default)]
pub struct Message {
    pub identities: Vec<Bytes>,
    pub header: Value,
    pub parent: Value,
    pub content: Value,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Garbage {
    #[error("no delimiter, or too few parts after it")]
    Shape,
    #[error("a wrong signature")]
    Signature,
    #[error("a part that is no JSON object")]
    Json,
    #[error("a message of more than 256 MiB")]
    Long,
}

impl Signer {
    pub fn new(key: &str, session: String) -> Self {
        Self { key: key.as_bytes().to_vec(), session }
    }

    fn mac(&self, parts: &[Bytes]) -> Option<Hmac<Sha256>> {
        if self.key.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        parts.iter().for_each(|part| mac.update(part));
        Some(mac)
    }

    pub fn open(&self, raw: ZmqMessage) -> Result<Message, Garbage> {
        let mut frames = raw.into_vec();
        if frames.iter().map(Bytes::len).sum::<usize>() > LONGEST {
            return Err(Garbage::Long);
        }
        let delimiter = frames.iter().position(|frame| &frame[..] == DELIMITER).ok_or(Garbage::Shape)?;
        let rest = frames.split_off(delimiter);
        if rest.len() < 6 {
            return Err(Garbage::Shape);
        }
        let parts = &rest[2..6];
        if let Some(mac) = self.mac(parts) {
            let claimed = hex::decode(&rest[1]).map_err(|_| Garbage::Signature)?;
            mac.verify_slice(&claimed).map_err(|_| Garbage::Signature)?;
        }
        let read = |part: &Bytes| match serde_json::from_slice::<Value>(part) {
            Ok(value @ Value::Object(_)) => Ok(value),
            _ => Err(Garbage::Json),
        };
        let (header, parent, content) = (read(&parts[0])?, read(&parts[1])?, read(&parts[3])?);
        Ok(Message { identities: frames, header, parent, content })
    }

    pub fn close(&self, message: &Message) -> ZmqMessage {
        let bytes = |value: &Value| Bytes::from(value.to_string().into_bytes());
        let empty = Value::Object(Map::new());
        let parts = [
            bytes(&message.header),
            bytes(if message.parent.is_object() { &message.parent } else { &empty }),
            bytes(&empty),
            bytes(&message.content),
        ];
        let signature = self.mac(&parts).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default();
        let mut raw = ZmqMessage::from(DELIMITER.to_vec());
        for identity in message.identities.iter().rev() {
            raw.push_front(identity.clone());
        }
        raw.push_back(signature.into_bytes().into());
        parts.into_iter().for_each(|part| raw.push_back(part));
        raw
    }

    /// A message caused by `parent`.
    pub fn answer(&self, kind: &str, parent: &Message, content: Value) -> Message {
        let header = json!({
            "msg_id": uuid::Uuid::new_v4().to_string(),
            "session": self.session,
            "username": "kernel",
            "date": jiff::Timestamp::now().to_string(),
            "msg_type": kind,
            "version": "5.3",
        });
        Message { identities: parent.identities.clone(), header, parent: parent.header.clone(), content }
    }

    /// The same for everybody who listens.
    pub fn publication(&self, kind: &str, parent: &Message, content: Value) -> Message {
        Message { identities: vec![Bytes::from(kind.as_bytes().to_vec())], ..self.answer(kind, parent, content) }
    }
}

impl Message {
    pub fn kind(&self) -> &str {
        self.header["msg_type"].as_str().unwrap_or_default()
    }

    pub fn text(&self, name: &str) -> &str {
        self.content[name].as_str().unwrap_or_default()
    }

    pub fn flag(&self, name: &str, otherwise: bool) -> bool {
        self.content[name].as_bool().unwrap_or(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(key: &str) -> Signer {
        Signer::new(key, "session".to_owned())
    }

    fn request() -> Message {
        let identities = vec![Bytes::from_static(b"client")];
        let content = json!({"code": "1 + 1"});
        Message { identities, header: json!({"msg_type": "execute_request"}), parent: json!({}), content }
    }

    #[test]
    fn a_message_survives_the_wire() {
        let opened = signer("key").open(signer("key").close(&request())).expect("a good message");
        assert_eq!(opened.kind(), "execute_request");
        assert_eq!(opened.text("code"), "1 + 1");
        assert_eq!(opened.identities, request().identities);
    }

    #[test]
    fn a_wrong_signature_is_refused() {
        assert_eq!(signer("key").open(signer("other").close(&request())).err(), Some(Garbage::Signature));
        assert_eq!(signer("key").open(signer("").close(&request())).err(), Some(Garbage::Signature));
    }

    #[test]
    fn garbage_is_refused() {
        let frames = |frames: &[&'static [u8]]| {
            let mut raw = ZmqMessage::from(frames[0].to_vec());
            frames[1..].iter().for_each(|frame| raw.push_back(Bytes::from_static(frame)));
            raw
        };
        let open = |raw| signer("").open(raw).err();
        assert_eq!(open(frames(&[b"x"])), Some(Garbage::Shape));
        assert_eq!(open(frames(&[DELIMITER, b"", b"{}"])), Some(Garbage::Shape));
        assert_eq!(open(frames(&[DELIMITER, b"", b"[]", b"{}", b"{}", b"{}"])), Some(Garbage::Json));
        assert_eq!(open(frames(&[DELIMITER, b"", b"\xff", b"{}", b"{}", b"{}"])), Some(Garbage::Json));
    }
}
