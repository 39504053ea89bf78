import Synchronization

/// A sum that only grows, one for each combination of its labels' values.
package final class Counter: Sendable {
    package let name: String
    package let help: String
    package let labels: [String]
    private let values = Mutex<[[String]: Double]>([:])

    package init(_ name: String, _ help: String, labels: [String] = []) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    package func add(_ labelValues: [String] = [], _ amount: Double = 1) {
        values.withLock { $0[labelValues, default: 0] += amount }
    }

    package func write(to page: inout MetricsPage) {
        page.family(name, "counter", help)
        for (labelValues, value) in values.withLock({ $0 }).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            page.sample(name, Array(zip(labels, labelValues)), value)
        }
    }
}

/// How long something took, in seconds: how often it took no longer than each bound.
package final class Histogram: Sendable {
    /// For what a server does by itself.
    package static let quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// For what waits for a model.
    package static let slow = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320]

    private struct Series {
        var counts: [Int]
        var sum = 0.0

        mutating func observe(_ seconds: Double, _ bounds: [Double]) {
            counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
            sum += seconds
        }
    }

    package let name: String
    package let help: String
    package let labels: [String]
    package let bounds: [Double]
    private let series = Mutex<[[String]: Series]>([:])

    package init(_ name: String, _ help: String, labels: [String], bounds: [Double] = Histogram.quick) {
        self.name = name
        self.help = help
        self.labels = labels
        self.bounds = bounds
    }

    package func observe(_ labelValues: [String], _ duration: Duration) {
        let seconds = duration / .seconds(1)
        series.withLock {
            $0[labelValues, default: Series(counts: Array(repeating: 0, count: bounds.count + 1))].observe(
                seconds, bounds)
        }
    }

    package func write(to page: inout MetricsPage) {
        page.family(name, "histogram", help)
        for (labelValues, series) in series.withLock({ $0 }).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let labels = Array(zip(labels, labelValues))
            var count = 0
            for (bound, inBucket) in zip(bounds + [.infinity], series.counts) {
                count += inBucket
                page.sample(name + "_bucket", labels + [("le", MetricsPage.number(bound))], Double(count))
            }
            page.sample(name + "_sum", labels, series.sum)
            page.sample(name + "_count", labels, Double(count))
        }
    }
}
