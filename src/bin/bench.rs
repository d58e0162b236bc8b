//! The page for measuring: `bench.html`.

fn main() {
    holdfast::bench::start();
}
