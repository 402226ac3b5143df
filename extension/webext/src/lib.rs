#![doc = include_str!("../README.md")]

mod api;
mod error;

pub mod action;
pub mod alarms;
pub mod auth;
pub mod client;
pub mod clipboard;
pub mod codes;
pub mod crypto;
pub mod database;
pub mod document;
pub mod event;
pub mod exchange;
pub mod frames;
pub mod http;
pub mod idle;
pub mod kept;
pub mod locks;
pub mod menus;
pub mod native;
pub mod notifications;
pub mod page;
pub mod permissions;
pub mod port;
pub mod scripting;
pub mod sender;
pub mod session;
pub mod socket;
pub mod strength;
pub mod tabs;
pub mod time;

pub use error::BrowserError;
