//! Helpers named by what a user does.

pub mod bridge;
pub mod menu;
pub mod opened;
pub mod popup;
pub mod practice;
pub mod user;
