/// A vector of length one, in a byte for each number. Its scalar product with another is the cosine, but for less than a
/// hundredth.
package struct QuantizedVector: Sendable, Equatable {
    /// What each number is multiplied by.
    package let scale: Float
    package let numbers: [Int8]

    package init(_ vector: some Collection<Float>) {
        let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let largest = vector.reduce(Float(0)) { max($0, abs($1)) }
        guard largest > 0, largest.isFinite, length.isFinite else {
            (scale, numbers) = (0, Array(repeating: 0, count: vector.count))
            return
        }
        scale = Float(Double(largest) / length / 127)
        numbers = vector.map { Int8(($0 / largest * 127).rounded()) }
    }

    /// As the database keeps it: the scale as a little-endian number of 32 bits, and the numbers.
    package var stored: [UInt8] {
        withUnsafeBytes(of: scale.bitPattern.littleEndian, Array.init) + numbers.map { UInt8(bitPattern: $0) }
    }

    static let scaleBytes = 4
}

/// Vectors of one length, in one piece of memory.
package struct QuantizedVectors: Sendable {
    package let dimensions: Int
    private var scales: [Float] = []
    private var bytes: [UInt8] = []

    package init(dimensions: Int, capacity: Int) {
        self.dimensions = dimensions
        scales.reserveCapacity(capacity)
        bytes.reserveCapacity(capacity * dimensions)
    }

    package var count: Int { scales.count }
    /// Memory that it takes.
    package var size: Int { bytes.count + scales.count * MemoryLayout<Float>.size }

    /// Returns false, without a change, if the vector has another length.
    package mutating func append(stored vector: [UInt8]) -> Bool {
        guard vector.count == QuantizedVector.scaleBytes + dimensions else { return false }
        let bits = vector.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        scales.append(Float(bitPattern: UInt32(littleEndian: bits)))
        bytes.append(contentsOf: vector[QuantizedVector.scaleBytes...])
        return true
    }

    /// Calls `body` with the cosine between the query and each vector, in order.
    package func score(_ query: QuantizedVector, _ body: (_ index: Int, _ cosine: Float) -> Void) {
        guard query.numbers.count == dimensions else { return }
        let wide = query.numbers.map(Int16.init)
        bytes.withUnsafeBytes { vectors in
            wide.withUnsafeBytes { wide in
                guard let vectors = vectors.baseAddress, let wide = wide.baseAddress else { return }
                for index in 0..<count {
                    let product = Self.product(vectors + index * dimensions, wide, dimensions)
                    body(index, Float(product) * scales[index] * query.scale)
                }
            }
        }
    }

    /// Sixteen numbers at a time. Products of neighbours are added at once, for which processors have an instruction.
    private static func product(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Int32 {
        var (low, high) = (SIMD4<Int32>.zero, SIMD4<Int32>.zero)
        var index = 0
        while index &+ 16 <= count {
            let x = SIMD16<Int16>(truncatingIfNeeded: a.loadUnaligned(fromByteOffset: index, as: SIMD16<Int8>.self))
            let y = b.loadUnaligned(fromByteOffset: index &* 2, as: SIMD16<Int16>.self)
            let first = SIMD8<Int32>(truncatingIfNeeded: x.lowHalf) &* SIMD8<Int32>(truncatingIfNeeded: y.lowHalf)
            let second = SIMD8<Int32>(truncatingIfNeeded: x.highHalf) &* SIMD8<Int32>(truncatingIfNeeded: y.highHalf)
            low &+= first.evenHalf &+ first.oddHalf
            high &+= second.evenHalf &+ second.oddHalf
            index &+= 16
        }
        var sum = (low &+ high).wrappedSum()
        while index < count {
            let x = Int32(a.load(fromByteOffset: index, as: Int8.self))
            sum &+= x &* Int32(b.load(fromByteOffset: index &* 2, as: Int16.self))
            index &+= 1
        }
        return sum
    }
}
