//! Helpers named by what a user does.

pub mod bridge;
pub mod popup;
pub mod practice;
pub mod user;
