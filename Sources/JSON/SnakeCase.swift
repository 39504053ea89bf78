/// The name on the wire of a Swift property: `llmEndpointURL` becomes `llm_endpoint_url`, `userIDs` becomes `user_ids`.
/// A name that is not lower camel case in ASCII, such as `created_at`, stays as it is.
///
/// Nothing is cached: the work costs less than a look-up, and names that clients send cannot fill a cache.
package func snakeCase(_ camel: String) -> String {
    var camel = camel
    return camel.withUTF8 { name in
        guard name.contains(where: isCapital) else { return nil }
        var isConverted = false
        let snake = String(unsafeUninitializedCapacity: name.count * 2) { out in
            var count = 0
            isConverted = writeSnakeCase(name) { byte in
                out[count] = byte
                count += 1
            }
            return isConverted ? count : 0
        }
        return isConverted ? snake : nil
    } ?? camel
}

/// Writes the name in snake case, at most two bytes for each of its bytes. Returns false if it must stay unchanged.
@inline(__always)
func writeSnakeCase(_ name: UnsafeBufferPointer<UInt8>, _ write: (UInt8) -> Void) -> Bool {
    guard let first = name.first, isLowercase(first) else { return false }
    for index in name.indices {
        let byte = name[index]
        if isLowercase(byte) || isDigit(byte) {
            write(byte)
        } else if isCapital(byte) {
            if !isCapital(name[index - 1]) || startsWord(name, at: index) { write(UInt8(ascii: "_")) }
            write(byte | 0x20)
        } else {
            return false
        }
    }
    return true
}

/// Whether the last capital of a run begins the next word; in a plural such as `IDs` it does not.
private func startsWord(_ name: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    let next = index + 1
    guard next < name.count, isLowercase(name[next]) else { return false }
    let isPlural = name[next] == UInt8(ascii: "s") && (next + 1 == name.count || isCapital(name[next + 1]))
    return !isPlural
}

private func isCapital(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }
private func isLowercase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }
private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// A property's probable name; acronyms cannot be told from words, so `endpoint_url` becomes `endpointUrl`.
func camelCase(_ snake: String) -> String {
    let words = snake.split(separator: "_")
    return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
}
