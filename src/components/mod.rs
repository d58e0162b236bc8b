//! What the app looks like: views of props and signals.
//!
//! A component here takes plain values, signals and callbacks. It never reaches for
//! the bridge, the storage or the router's state, so a page decides what is shown and
//! a test can show anything. One file a family:
//!
//! - the frame: [`shell`], [`banner`], [`toast`], [`outbox`], [`sign_in`], [`projects`],
//!   [`inspector`];
//! - the list: [`filters`], [`issue_list`], [`virtual_list`] (over the pure
//!   [`window`] and [`sections`]), [`issue_row`], [`group_head`];
//! - what was found: [`search`];
//! - the issue: [`issue_page`], [`properties`], [`text`], [`comments`], [`new_issue`];
//! - the small parts: [`icons`], [`age`], [`avatar`], [`sync_mark`], [`label_chip`],
//!   [`kbd`], [`menu`], [`select_menu`], [`dialog`].
//!
//! Looks are in `style/`, one sheet a family; a component only names classes and says
//! its state in `data-` and `aria-` attributes.

pub mod age;
pub mod avatar;
pub mod banner;
pub mod comments;
pub mod dialog;
pub mod filters;
pub mod group_head;
pub mod icons;
pub mod inspector;
pub mod issue_list;
pub mod issue_page;
pub mod issue_row;
pub mod kbd;
pub mod label_chip;
pub mod measure;
pub mod menu;
pub mod new_issue;
pub mod outbox;
pub mod projects;
pub mod properties;
pub mod search;
pub mod sections;
pub mod select_menu;
pub mod shell;
pub mod sign_in;
pub mod slots;
pub mod sync_mark;
pub mod text;
pub mod toast;
pub mod views;
pub mod virtual_list;
pub mod window;
