//! Figures for people.

/// The value below which `percent` of the samples lie, by the nearest rank; none of no samples.
///
/// ```
/// use holdfast_e2e::figures::percentile;
///
/// let samples: Vec<f64> = (1..=100).map(f64::from).collect();
/// assert_eq!(percentile(&samples, 50), Some(50.0));
/// assert_eq!(percentile(&samples, 95), Some(95.0));
/// assert_eq!(percentile(&[7.0], 95), Some(7.0));
/// assert_eq!(percentile(&[], 50), None);
/// ```
pub fn percentile(samples: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// `p50 12 ms, p95 31 ms, most 40 ms of 100`.
pub fn spread(samples: &[f64]) -> String {
    let [p50, p95, most] = [50, 95, 100].map(|percent| percentile(samples, percent).unwrap_or(f64::NAN));
    format!("p50 {p50:.0} ms, p95 {p95:.0} ms, most {most:.0} ms of {}", samples.len())
}
