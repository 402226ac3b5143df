//! Parts that several screens share.

pub(crate) mod avatar;
pub(crate) mod bar;
pub(crate) mod brand;
pub(crate) mod dialog;
pub(crate) mod field;
pub(crate) mod fill_preview;
pub(crate) mod generator;
pub(crate) mod icon;
pub(crate) mod log_in_again;
pub(crate) mod menu;
pub(crate) mod new_password;
pub(crate) mod notice;
pub(crate) mod option;
pub(crate) mod password_field;
pub(crate) mod password_form;
pub(crate) mod recipient;
pub(crate) mod server_field;
pub(crate) mod strength;
pub(crate) mod sync;
pub(crate) mod toast;
pub(crate) mod totp;
