import LLM
import TestSupport

extension TestClock {
    /// Chance always yields its greatest.
    var timeSource: TimeSource { TimeSource(now: { self.now }, sleep: sleep, random: { 1 }) }
}
