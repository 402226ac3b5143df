//! The one way from bytes to a message and back: JSON, strict, bounded.

use serde::{Serialize, de::DeserializeOwned};

use crate::error::{ErrorCode, WireError};

/// Reads one message of at most `max` bytes.
///
/// # Errors
/// [`ErrorCode::TooLarge`], [`ErrorCode::MalformedRequest`] where the text is no JSON,
/// [`ErrorCode::InvalidField`] where it is JSON of another shape. The message names the place and
/// never repeats the content.
pub fn decode<T: DeserializeOwned>(text: &str, max: usize) -> Result<T, WireError> {
    if text.len() > max {
        return Err(WireError::new(ErrorCode::TooLarge).with("max", max));
    }
    serde_json::from_str(text).map_err(|error| {
        let code = match error.classify() {
            serde_json::error::Category::Data => ErrorCode::InvalidField,
            _ => ErrorCode::MalformedRequest,
        };
        WireError::new(code)
            .with("line", error.line())
            .with("column", error.column())
    })
}

/// Writes one message.
///
/// # Errors
/// [`ErrorCode::Internal`]: only a map with keys that are no text, which no type here has.
pub fn encode<T: Serialize>(message: &T) -> Result<String, WireError> {
    serde_json::to_string(message).map_err(|_| WireError::new(ErrorCode::Internal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart() {
        let code = |text: &str| decode::<u8>(text, 4).map_err(|e| e.code);
        assert_eq!(code("7"), Ok(7));
        assert_eq!(code("12345"), Err(ErrorCode::TooLarge));
        assert_eq!(code("7 8"), Err(ErrorCode::MalformedRequest));
        assert_eq!(code(""), Err(ErrorCode::MalformedRequest));
        assert_eq!(code("\"a\""), Err(ErrorCode::InvalidField));
    }
}
