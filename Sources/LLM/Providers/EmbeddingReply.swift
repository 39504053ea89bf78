import Foundation
import JSON

/// Reads OpenAI's answer of vectors, as base64 or as numbers, and checks that there is one for each input, in their order.
enum EmbeddingReply {
    /// The longest vectors that are read; the longest of known models have 4,096 numbers.
    private static let mostDimensions = 16_384
    /// Bytes that a vendor writes for one number, as text.
    private static let bytesPerNumber = 32
    /// The largest answer that is read, in bytes.
    private static let most = 160 << 20

    static func mostBytes(_ request: EmbeddingRequest) -> Int {
        let vectors = request.inputs.count.multipliedReportingOverflow(by: 8192 * bytesPerNumber)
        return min(vectors.overflow ? most : vectors.partialValue, most) + 65_536
    }

    private struct Answer {
        var vectors: EmbeddingVectors?
        var count = 0
        var model: String?
        var promptTokens: Int?
    }

    static func read(_ bytes: UnsafeRawBufferPointer, to request: EmbeddingRequest) throws -> EmbeddingResult {
        let answer: Answer
        do {
            answer = try self.answer(bytes, request)
        } catch is JSONCursor.Malformed {
            throw invalid("is no JSON of vectors")
        }
        guard let vectors = answer.vectors, answer.count == request.inputs.count else {
            throw invalid("has \(answer.count) vectors for \(request.inputs.count) inputs")
        }
        return EmbeddingResult(
            vectors: vectors, model: answer.model ?? request.model, promptTokens: answer.promptTokens)
    }

    private static func answer(_ bytes: UnsafeRawBufferPointer, _ request: EmbeddingRequest) throws -> Answer {
        var answer = Answer()
        var cursor = JSONCursor(bytes)
        guard try cursor.enterObject() else { throw JSONCursor.Malformed() }
        while let key = try cursor.nextKey() {
            switch key {
            case "data":
                guard try cursor.enterArray() else { continue }
                while try cursor.nextItem() { try take(&cursor, &answer, request) }
            case "model": answer.model = try cursor.string().flatMap { $0.isEmpty ? nil : $0 }
            case "usage": answer.promptTokens = try tokens(&cursor)
            case "error":
                let raw = try cursor.rawValue()
                if !raw.elementsEqual("null".utf8) {
                    throw ProviderError.vendor((try? JSONValue(parsing: Array(raw))) ?? .null)
                }
            default: try cursor.skip()
            }
        }
        return answer
    }

    private static func tokens(_ cursor: inout JSONCursor) throws -> Int? {
        guard try cursor.enterObject() else { return nil }
        var (prompt, total): (Int?, Int?)
        while let key = try cursor.nextKey() {
            switch key {
            case "prompt_tokens": prompt = try cursor.integer()
            case "total_tokens": total = try cursor.integer()
            default: try cursor.skip()
            }
        }
        return (prompt ?? total).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// One item of `data`.
    private static func take(_ cursor: inout JSONCursor, _ answer: inout Answer, _ request: EmbeddingRequest) throws {
        guard answer.count < request.inputs.count else { throw invalid("has more vectors than there are inputs") }
        guard try cursor.enterObject() else { throw JSONCursor.Malformed() }
        var values: [Float]?
        var index: Int?
        while let key = try cursor.nextKey() {
            switch key {
            case "embedding": values = try vector(&cursor)
            case "index": index = try cursor.integer()
            default: try cursor.skip()
            }
        }
        if let index, index != answer.count { throw invalid("has the index \(index) in place of \(answer.count)") }
        guard let values, !values.isEmpty else { throw invalid("has no vector at index \(answer.count)") }
        guard values.allSatisfy(\.isFinite) else {
            throw invalid("has something else than a number at index \(answer.count)")
        }
        if let wanted = request.dimensions, values.count != wanted {
            throw invalid("has vectors of \(values.count) dimensions in place of \(wanted)")
        }
        try add(EmbeddingVectors(dimensions: values.count, values: values), to: &answer, request)
    }

    private static func add(
        _ vector: EmbeddingVectors, to answer: inout Answer, _ request: EmbeddingRequest
    ) throws {
        answer.count += 1
        guard answer.vectors != nil else {
            answer.vectors = vector
            return
        }
        guard answer.vectors!.append(vector) else { throw invalid("has vectors of several lengths") }
    }

    private static func vector(_ cursor: inout JSONCursor) throws -> [Float]? {
        if try cursor.isNext("\"") {
            guard let text = try cursor.string(), let bytes = Data(base64Encoded: text) else { return nil }
            return floats(bytes)
        }
        guard try cursor.enterArray() else { return nil }
        var values: [Float] = []
        while try cursor.nextItem() {
            guard values.count < mostDimensions else { throw invalid("has a vector that is too long") }
            values.append(number(try cursor.rawValue()) ?? .nan)
        }
        return values
    }

    /// Nil if it is no number of JSON's.
    private static func number(_ raw: Slice<UnsafeRawBufferPointer>) -> Float? {
        guard raw.count <= bytesPerNumber * 4, raw.allSatisfy(isNumeric) else { return nil }
        return Float(String(decoding: raw, as: UTF8.self))
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Little-endian numbers of 32 bits; nil if they are not whole.
    static func floats(_ bytes: Data) -> [Float]? {
        let size = MemoryLayout<UInt32>.size
        guard bytes.count % size == 0, bytes.count / size <= mostDimensions else { return nil }
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / size).map { index in
                let bits = raw.loadUnaligned(fromByteOffset: index * size, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
        }
    }

    private static func invalid(_ what: String) -> ProviderError {
        ProviderError(.invalidReply, detail: "the vendor's answer \(what)")
    }
}
