//! The fields of a procedure's input, each of the type that it must have, with every fault at once.

use proto::federation::RpcIssue;
use serde_json::{Map, Value};

use super::rpc::{Failure, type_of};

/// An input that is an object.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: Vec<&'static str>,
    issues: Vec<RpcIssue>,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// It is none.
    pub(super) fn of(input: Option<&'a Value>) -> Result<Self, Failure> {
        match input {
            Some(Value::Object(fields)) => Ok(Self {
                object: fields,
                path: Vec::new(),
                issues: Vec::new(),
            }),
            other => Err(Failure::invalid(&[], "object", other)),
        }
    }

    /// A text; empty where there is none.
    pub(super) fn text(&mut self, name: &'static str) -> &'a str {
        match self.object.get(name) {
            Some(Value::String(text)) => text,
            other => {
                self.fault(name, "string", other);
                ""
            }
        }
    }

    /// A whole number; 0 where there is none.
    pub(super) fn number(&mut self, name: &'static str) -> u64 {
        match self.object.get(name) {
            // As JavaScript has them, also written as 1.0.
            Some(Value::Number(number)) => whole(number).unwrap_or(0),
            other => {
                self.fault(name, "number", other);
                0
            }
        }
    }

    /// An object inside, whose faults are told with those of the whole.
    pub(super) fn inside<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        match self.object.get(name) {
            Some(Value::Object(fields)) => {
                let outside = std::mem::replace(&mut self.object, fields);
                self.path.push(name);
                let inside = read(self);
                self.path.pop();
                self.object = outside;
                Some(inside)
            }
            other => {
                self.fault(name, "object", other);
                None
            }
        }
    }

    /// # Errors
    /// Every fault that was found.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.issues.is_empty() {
            Ok(())
        } else {
            Err(Failure::issues(self.issues))
        }
    }

    fn fault(&mut self, name: &'static str, expected: &str, received: Option<&Value>) {
        let path = self.path.iter().chain([&name]);
        let received = type_of(received);
        self.issues.push(RpcIssue {
            expected: expected.to_owned(),
            code: "invalid_type".to_owned(),
            path: path.map(|name| (*name).to_owned()).collect(),
            message: format!("Invalid input: expected {expected}, received {received}"),
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and what has a fraction is refused before"
)]
fn whole(number: &serde_json::Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let number = number.as_f64()?;
        (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
    })
}
