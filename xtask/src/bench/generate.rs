//! The large Compose file of the bench: legitimate, and as heavy as generated files get.

use std::fmt::Write;

const SERVICES: usize = 10_000;
const SIZE: usize = 10_400_000;

/// 10,000 services in 10.4 MB, each with a merge of the same common part; the same bytes each time.
pub(super) fn large() -> String {
    of(SERVICES)
}

/// The same file with so many services.
pub(super) fn of(services: usize) -> String {
    let mut text = String::with_capacity(SIZE / SERVICES * services + 1024);
    text.push_str(
        "x-common: &common\n  restart: unless-stopped\n  logging:\n    driver: json-file\n    options:\n      max-size: 10m\n      \
         max-file: \"3\"\n  networks:\n    - backend\n  stop_grace_period: 30s\n\nnetworks:\n  backend: {}\n\nservices:\n",
    );
    for number in 0..services {
        service(&mut text, number).expect("a string takes all text");
        // The last lines of a service fill it up to its share of the file.
        let share = SIZE * (number + 1) / SERVICES;
        let mut line = 0;
        while text.len() + 80 < share {
            writeln!(text, "      FILLER_{line:02}: \"{:x>48}\"", number % 97)
                .expect("a string takes all text");
            line += 1;
        }
    }
    text
}

fn service(text: &mut String, number: usize) -> std::fmt::Result {
    let previous = number.saturating_sub(1);
    writeln!(text, "  service-{number}:")?;
    writeln!(text, "    <<: *common")?;
    writeln!(text, "    image: registry.example/team/app-{}:1.{number}.0", number % 50)?;
    writeln!(text, "    command: [\"serve\", \"--port\", \"{}\"]", 8000 + number % 1000)?;
    writeln!(text, "    expose:\n      - \"{}\"", 8000 + number % 1000)?;
    // Chains of ten: what people write, and no test of recursion.
    if !number.is_multiple_of(10) {
        writeln!(text, "    depends_on:\n      service-{previous}:\n        condition: service_started")?;
    }
    writeln!(
        text,
        "    healthcheck:\n      test: [\"CMD\", \"true\"]\n      interval: 10s\n      retries: 3"
    )?;
    writeln!(text, "    environment:\n      NUMBER: \"{number}\"\n      PEER: service-{previous}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_file_has_its_size_its_services_and_its_merges() {
        let text = large();
        assert!((SIZE - 100..=SIZE).contains(&text.len()), "{}", text.len());
        assert_eq!(text.matches("<<: *common").count(), SERVICES);
        assert_eq!(text, large(), "the same bytes each time");
    }
}
