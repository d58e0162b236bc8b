//! The corpus, and some rounds of changed inputs, given to every decoder.

use holdfast_fuzz::{DECODERS, Decoder, corpus, round};

/// Rounds of each decoder.
const ROUNDS: u64 = 1_500;

/// Faults that were found and are not mended yet, by decoder and the sentence they break with.
const KNOWN: &[(&str, &str)] = &[];

fn decoder(name: &str) -> &'static Decoder {
    DECODERS.iter().find(|decoder| decoder.name == name).expect("it is one of them")
}

fn holds(decoder: &Decoder, what: &str, input: &[u8]) {
    let Some(broken) = round::run(decoder, input).broken else { return };
    let is_known = KNOWN.iter().any(|(name, sentence)| *name == decoder.name && broken.contains(sentence));
    assert!(is_known, "{what}: {broken}\n{}", String::from_utf8_lossy(input));
}

fn replay(name: &str) {
    let decoder = decoder(name);
    let inputs = corpus::of(decoder);
    for (number, input) in inputs.iter().enumerate() {
        holds(decoder, &format!("{name} {number} of the corpus"), input);
    }
    for number in 0..ROUNDS {
        holds(decoder, &format!("{name} round {number}"), &round::input(decoder, &inputs, number));
    }
}

macro_rules! replayed {
    ($($test:ident: $name:literal),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay($name);
            }
        )+

        #[test]
        fn every_decoder_is_replayed() {
            assert_eq!(DECODERS.iter().map(|decoder| decoder.name).collect::<Vec<_>>(), [$($name),+]);
        }
    };
}

replayed!(
    client_frames: "client-frame",
    server_frames: "server-frame",
    a_device: "device",
    a_store: "store",
    a_session: "session",
    rows_and_mutations: "rows",
    texts: "texts",
    imports: "import",
    markdown: "markdown",
);

#[test]
fn a_decoder_that_breaks_a_promise_is_found() {
    let broken = |check| round::run(&Decoder { name: "broken", check }, b"input").broken;
    assert_eq!(broken(|_| {}), None);
    assert_eq!(broken(|input| assert!(input.is_empty(), "it panics")).as_deref(), Some("it panics"));
    let greedy = broken(|input| drop(vec![input[0]; 200 << 20]));
    assert!(greedy.is_some_and(|sentence| sentence.starts_with("5 bytes of input took")));
}

#[test]
fn a_round_is_the_same_each_time() {
    for decoder in DECODERS {
        let inputs = corpus::of(decoder);
        let input = |number| round::input(decoder, &inputs, number);
        assert!((0..20).all(|number| input(number) == input(number)), "{}", decoder.name);
        assert!((0..20).any(|number| input(number) != input(number + 1)), "{}", decoder.name);
    }
}
