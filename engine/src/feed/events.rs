//! Server-sent events, as far as a node says them (HTML Living Standard § 9.2.6): fields `data` and
//! `event`, one event after an empty line. Anything else is passed over.

use proto::{
    api::feed::{FEED_END_EVENT, FEED_MESSAGE_MAX_BYTES},
    codec,
    error::{ErrorCode, WireError},
};

use crate::node::NodeError;

/// What a stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A message of the feed, for [`Engine::hear`](crate::Engine::hear).
    News(String),
    /// The node ends it, and why.
    End(ErrorCode),
}

/// A stream of events that comes in parts, cut anywhere.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    data: String,
    name: String,
}

impl Events {
    /// What the next part of the stream completes, in its order.
    ///
    /// # Errors
    /// [`NodeError::Misbehaved`]: an event beyond [`FEED_MESSAGE_MAX_BYTES`], or no text.
    pub fn take(&mut self, part: &[u8]) -> Result<Vec<Said>, NodeError> {
        let mut said = Vec::new();
        for byte in part {
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() > FEED_MESSAGE_MAX_BYTES {
                    return Err(NodeError::Misbehaved);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            let line = std::str::from_utf8(line).map_err(|_| NodeError::Misbehaved)?;
            if line.is_empty() {
                said.extend(self.complete()?);
            } else {
                self.field(line)?;
            }
        }
        Ok(said)
    }

    fn field(&mut self, line: &str) -> Result<(), NodeError> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" if self.data.len() + value.len() < FEED_MESSAGE_MAX_BYTES => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "data" => return Err(NodeError::Misbehaved),
            "event" => value.clone_into(&mut self.name),
            _ => {}
        }
        Ok(())
    }

    fn complete(&mut self) -> Result<Option<Said>, NodeError> {
        let data = std::mem::take(&mut self.data);
        let name = std::mem::take(&mut self.name);
        if data.is_empty() {
            return Ok(None);
        }
        match name.as_str() {
            "" => Ok(Some(Said::News(data))),
            FEED_END_EVENT => {
                let error: WireError = codec::decode(&data, FEED_MESSAGE_MAX_BYTES)
                    .map_err(|_| NodeError::Misbehaved)?;
                Ok(Some(Said::End(error.code)))
            }
            // What later nodes may say.
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "id: 01ab\ndata: {\"latest\":7}\n\n: a remark\n\nevent: other\ndata: x\n\n\
        data: {\"latest\":\ndata: 8}\r\n\r\nretry: 5\n\nevent: end\n\
        data: {\"code\":221,\"kind\":\"refused\",\"message\":\"\"}\n\ndata: half";

    #[test]
    fn stream_says_the_same_however_it_is_cut() -> Result<(), NodeError> {
        let whole = Events::default().take(STREAM.as_bytes())?;
        assert_eq!(
            whole,
            [
                Said::News(r#"{"latest":7}"#.to_owned()),
                Said::News("{\"latest\":\n8}".to_owned()),
                Said::End(ErrorCode::SessionInvalid),
            ]
        );
        for size in 1..20 {
            let mut events = Events::default();
            let mut said = Vec::new();
            for part in STREAM.as_bytes().chunks(size) {
                said.extend(events.take(part)?);
            }
            assert_eq!(said, whole, "in parts of {size}");
        }
        Ok(())
    }

    #[test]
    fn what_has_no_end_or_is_no_text_is_refused() {
        let long = "x".repeat(FEED_MESSAGE_MAX_BYTES + 1);
        let lines = "data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(40);
        for bad in [
            long.as_bytes(),
            lines.as_bytes(),
            b"data: \xff\n\n",
            b"event: end\ndata: {}\n\n",
        ] {
            assert_eq!(Events::default().take(bad), Err(NodeError::Misbehaved));
        }
    }
}
