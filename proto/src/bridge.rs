//! Messages inside the browser: typed once, one closed enum for every port.
//!
//! ```text
//! page ⇄ content script ──ContentRequest──▶ background ◀──PopupRequest── popup, full page
//!          (hostile)    ◀──ContentCommand──            ──Event──▶
//! ```
//!
//! Frames are JSON texts ([`frame`]); both sides begin with [`frame::Hello`]. Which enum a port
//! may name is fixed once, when it connects, from what the browser says of the sender.

pub mod account;
pub mod content;
pub mod endpoint;
pub mod event;
pub mod exchange;
pub mod frame;
pub mod host;
pub mod popup;
pub mod solver;

/// A message that expects an answer.
pub trait Request: Sized {
    /// The answer.
    type Response: serde::Serialize + serde::de::DeserializeOwned;
    /// The closed enum of its port.
    type Port: From<Self> + serde::Serialize + serde::de::DeserializeOwned;
    /// Its name on the wire.
    const NAME: &'static str;

    /// The message as its port carries it.
    fn into_port(self) -> Self::Port {
        Self::Port::from(self)
    }
}

/// Makes one port's closed enum and the [`Request`] of each of its messages from one table.
/// Two rows with one name do not compile; neither does a `match` that misses one.
macro_rules! port {
    ($(#[$doc:meta])* pub enum $port:ident { $($(#[$rdoc:meta])* $name:literal $request:ident => $response:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type", content = "payload", deny_unknown_fields)]
        pub enum $port {
            $($(#[$rdoc])* #[serde(rename = $name)] $request($request),)*
        }

        impl $port {
            /// Every message's name, in the order of the table.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// This message's name: for logs, which hold nothing else of it.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$request(_) => $name,)* }
            }
        }

        $(
            impl $crate::bridge::Request for $request {
                type Response = $response;
                type Port = $port;
                const NAME: &'static str = $name;
            }

            impl From<$request> for $port {
                fn from(request: $request) -> Self {
                    Self::$request(request)
                }
            }
        )*
    };
}
pub(crate) use port;
