import Testing
import Texts

@testable import JSON

/// What is read byte by byte, compared with the standard library's own versions.
@Suite struct PlainBytesTests {
    @Test("Bytes are a string exactly if the standard library says so, wherever they are cut")
    func wellFormed() {
        var random = RandomText(seed: 8)
        for _ in 0..<400 {
            var bytes = Array(random.text(length: 0...12).utf8)
            if Bool.random(using: &random), let place = bytes.indices.randomElement(using: &random) {
                bytes[place] = .random(in: 0...255, using: &random)
            }
            for cut in 0...bytes.count {
                for part in [Array(bytes[..<cut]), Array(bytes[cut...])] {
                    let plain = String(validating: part, as: UTF8.self)
                    #expect(String(wellFormed: part).map { Array($0.utf8) } == plain.map { Array($0.utf8) }, "\(part)")
                }
            }
        }
    }

    @Test("Each byte is the hexadecimal digit that its character is")
    func hexValues() {
        for byte in UInt8.min ... .max {
            #expect(hexValue(byte).map(Int.init) == Character(Unicode.Scalar(byte)).hexDigitValue)
        }
    }
}
