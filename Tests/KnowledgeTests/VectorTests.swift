import Testing
import Texts

@testable import Knowledge

/// The scan over vectors of bytes, compared with plain loops over the numbers they were made of.
@Suite struct VectorTests {
    private static func vector(_ dimensions: Int, _ random: inout RandomText) -> [Float] {
        (0..<dimensions).map { _ in Float.random(in: -1...1, using: &random) * 8 }
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }

    @Test(
        "The scan gives the cosine of the vectors, whatever their length", arguments: [1, 2, 15, 16, 17, 33, 384, 1000])
    func scan(dimensions: Int) {
        var random = RandomText(seed: UInt64(dimensions))
        let query = Self.vector(dimensions, &random)
        let vectors = (0..<100).map { _ in Self.vector(dimensions, &random) }
        let packed = QuantizedVector(query)
        var all = QuantizedVectors(dimensions: dimensions, capacity: 10)
        for vector in vectors {
            let isAdded = all.append(stored: QuantizedVector(vector).stored)
            #expect(isAdded)
        }
        var seen = 0
        all.score(packed) { index, score in
            #expect(index == seen)
            seen += 1
            let other = QuantizedVector(vectors[index])
            let sum = zip(packed.numbers, other.numbers).reduce(0) { $0 + Int($1.0) * Int($1.1) }
            #expect(score == Float(sum) * other.scale * packed.scale, "the plain loop over the same bytes")
            // Each number is off by half a step at most.
            let size = { (v: QuantizedVector) in v.numbers.reduce(0.0) { $0 + abs(Double($1)) } }
            let bound =
                (0.5 * size(packed) + 0.5 * size(other) + 0.25 * Double(dimensions))
                * Double(packed.scale * other.scale)
            #expect(abs(Double(score) - Self.cosine(query, vectors[index])) <= bound + 1e-4)
        }
        #expect(seen == 100)
    }

    @Test("Vectors of nothing, of numbers that are none, and of another length match nothing and trap nothing")
    func hostile() {
        for vector in [[0, 0], [.nan, 1], [.infinity, 1], [.greatestFiniteMagnitude, .greatestFiniteMagnitude], []]
            as [[Float]]
        {
            let packed = QuantizedVector(vector)
            #expect(packed.scale.isFinite && packed.numbers.count == vector.count)
        }
        var all = QuantizedVectors(dimensions: 2, capacity: 1)
        let isAdded = [QuantizedVector([1, 2, 3] as [Float]).stored, [], QuantizedVector([3, -4] as [Float]).stored]
            .map { all.append(stored: $0) }
        #expect(isAdded == [false, false, true] && all.count == 1)
        all.score(QuantizedVector([1] as [Float])) { _, _ in Issue.record("another length is scored") }
        all.score(QuantizedVector([3, -4] as [Float])) { _, score in #expect(abs(score - 1) < 0.01) }
    }

    @Test("The best are those that sorting finds, and a larger number of them begins alike")
    func ranking() {
        var random = RandomText(seed: 3)
        let items = (0..<500).map { number in
            Ranking.Item(number: Int64(number), score: Double(Int.random(in: 0..<50, using: &random)))
        }
        let sorted = items.sorted { $0.isBetter(than: $1) }
        for most in [1, 7, 100, 500, 900] {
            var ranking = Ranking(most: most)
            for item in items.shuffled(using: &random) { ranking.add(item.number, item.score) }
            #expect(ranking.items == Array(sorted.prefix(most)))
        }
        var other = Ranking(most: 50)
        for item in items.shuffled(using: &random).prefix(60) { other.add(item.number, item.score) }
        var first = Ranking(most: 100)
        for item in items { first.add(item.number, item.score) }
        let long = Ranking.fused([first, other], most: 200).items
        #expect(Ranking.fused([first, other], most: 5).items == Array(long.prefix(5)))
        #expect(long.allSatisfy { $0.score > 0 && $0.score <= 1 })
        #expect(Ranking.fused([first, first], most: 1).items[0].score == 1)
    }
}
