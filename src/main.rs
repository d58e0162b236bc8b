//! Starts the browser app.

fn main() {
    holdfast::start();
}
