#![doc = include_str!("../README.md")]

pub mod bench;
pub mod browser;
pub mod clock;
pub mod liar;
pub mod node;
pub mod pages;
pub mod patience;
pub mod patterns;
pub mod peers;
pub mod place;
pub mod process;
pub mod proxy;
pub mod site;
pub mod stage;
pub mod stories;
pub mod tour;
