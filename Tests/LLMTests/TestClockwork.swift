import LLM
import TestSupport

extension TestClock {
    /// Chance always yields its greatest.
    var clockwork: Clockwork { Clockwork(now: { self.now }, sleep: sleep, random: { 1 }) }
}
