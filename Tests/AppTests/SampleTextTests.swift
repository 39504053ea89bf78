import Testing
import Texts

@testable import HTTPKit

@Suite struct SampleTextTests {
    @Test("The shared texts are of more than a dozen scripts, and what is random reaches every plane")
    func scripts() {
        #expect(SampleText.natural.count >= 14 && SampleText.odd.count >= 14)
        #expect(Set(SampleText.all.map(\.name)).count == SampleText.all.count)
        var random = RandomText(seed: 1)
        var seen: Set<UInt32> = []
        var lengths: Set<Int> = []
        for _ in 0..<2000 {
            let text = random.text()
            lengths.insert(text.unicodeScalars.count)
            for scalar in text.unicodeScalars { seen.insert(scalar.value >> 16) }
        }
        #expect(seen == Set(0...16))
        #expect(lengths.contains(0) && lengths.count > 150)
        var again = RandomText(seed: 1)
        var other = RandomText(seed: 1)
        #expect(again.text() == other.text())
    }
}
