//! What a list of issues shows and in which order.
