//! Gives changed inputs to every decoder: `holdfast-fuzz --rounds FROM..TO`, one input a round and
//! decoder. What broke something is named and kept in `--failures`; the last line is `N passed, N failed`.

use clap::Parser;
use holdfast_fuzz::{DECODERS, Decoder, corpus, round};
use std::{
    fs,
    ops::Range,
    panic,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

#[derive(Parser)]
#[command(name = "holdfast-fuzz", about = "Gives changed inputs to every decoder.")]
struct Cli {
    /// Which rounds; the same number is the same input.
    #[arg(long, value_parser = range, required_unless_present = "input")]
    rounds: Option<Range<u64>>,
    /// Only this kept input, with where it breaks.
    #[arg(long, requires = "decoder")]
    input: Option<PathBuf>,
    /// Only that decoder.
    #[arg(long)]
    decoder: Option<String>,
    /// Where inputs that broke something are kept.
    #[arg(long, default_value = "target/fuzz")]
    failures: PathBuf,
}

fn main() -> ExitCode {
    let Cli { rounds, input, decoder, failures } = Cli::parse();
    let chosen: Vec<&Decoder> =
        DECODERS.iter().filter(|of| decoder.as_deref().is_none_or(|name| name == of.name)).collect();
    let Some(rounds) = rounds else { return replay(&chosen, &input.unwrap_or_default()) };
    // What broke is told below, in one line.
    panic::set_hook(Box::new(|_| {}));
    let (mut passed, mut failed) = (0, 0);
    for chosen in chosen {
        let begun = Instant::now();
        let (done, broken, slowest) = fuzz(chosen, rounds.clone(), &failures);
        passed += done - broken;
        failed += broken;
        let per_second = done as f64 / begun.elapsed().as_secs_f64().max(1e-9);
        println!("{:14} {done:>9} inputs {per_second:>9.0}/s, slowest {slowest:.1?}, {broken} failed", chosen.name);
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(decoders: &[&Decoder], path: &Path) -> ExitCode {
    let input = match fs::read(path) {
        Ok(input) => input,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    let broken = decoders.iter().filter_map(|decoder| round::run(decoder, &input).broken).count();
    println!("{} passed, {broken} failed", decoders.len() - broken);
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fuzz(decoder: &Decoder, rounds: Range<u64>, failures: &Path) -> (u64, u64, Duration) {
    let inputs = corpus::of(decoder);
    let (mut done, mut broken, mut slowest) = (0, 0, Duration::ZERO);
    for number in rounds {
        let input = round::input(decoder, &inputs, number);
        let round = round::run(decoder, &input);
        done += 1;
        slowest = slowest.max(round.took);
        if let Some(what) = round.broken {
            broken += 1;
            let what = what.lines().next().unwrap_or_default().to_owned();
            println!("{} round {number}: {}", decoder.name, what.chars().take(300).collect::<String>());
            let kept = failures.join(format!("{}-{number}", decoder.name));
            let written = fs::create_dir_all(failures).and_then(|()| fs::write(&kept, &input));
            written.unwrap_or_else(|error| println!("{} could not be kept: {error}", kept.display()));
        }
    }
    (done, broken, slowest)
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("a range is written FROM..TO")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text:?}: {error}"));
    Ok(number(from)?..number(to)?)
}
