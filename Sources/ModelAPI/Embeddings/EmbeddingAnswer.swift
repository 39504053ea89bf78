import Chat
import Foundation
package import HTTPKit
import HTTPTypes
package import Hummingbird
package import JSON
package import LLM
package import NIOCore

/// OpenAI's list of vectors, for the OpenAPI document: the numbers are written without it.
package struct EmbeddingList: Codable {
    package let object: String
    package let data: [Item]
    package let model: String
    package let usage: Usage

    package struct Item: Codable {
        package let object: String
        package let index: Int
        /// An array of numbers, or base64 of them as little-endian numbers of 32 bits.
        package let embedding: JSONValue
    }

    package struct Usage: Codable {
        package let promptTokens: Int
        package let totalTokens: Int
    }
}

/// A vector for each input, in the form that the client asked for.
package enum EmbeddingAnswer: Output {
    case vectors(EmbeddingResult, EmbeddingBody.Format)
    /// The client has left.
    case nobody

    package static var schema: Schema? { .of(EmbeddingList.self) }
    package static var mediaTypes: [String] { ["application/json"] }

    package func response(_ status: HTTPResponse.Status) throws -> Response {
        switch self {
        case .vectors(let result, let format):
            Response(
                status: status, headers: [.contentType: "application/json; charset=utf-8"],
                body: .init(byteBuffer: Self.body(result, format)))
        // For the access log only, under the name that proxies use.
        case .nobody: Response(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        }
    }

    package static func body(_ result: EmbeddingResult, _ format: EmbeddingBody.Format) -> ByteBuffer {
        let vectors = result.vectors
        var out = ByteBuffer()
        out.reserveCapacity(256 + vectors.count * (64 + vectors.dimensions * (format == .base64 ? 6 : 13)))
        out.writeStaticString(#"{"object":"list","data":["#)
        for index in 0..<vectors.count {
            out.writeString("\(index == 0 ? "" : ",")\(#"{"object":"embedding","index":"#)\(index),\"embedding\":")
            switch format {
            case .base64: write(base64: vectors[index], &out)
            case .float: write(numbers: vectors[index], &out)
            }
            out.writeStaticString("}")
        }
        let tokens = result.promptTokens ?? 0
        out.writeStaticString(#"],"model":"#)
        out.writeBytes(JSONValue.string(result.model).serialized())
        out.writeString(",\"usage\":{\"prompt_tokens\":\(tokens),\"total_tokens\":\(tokens)}}")
        return out
    }

    private static func write(base64 vector: ArraySlice<Float>, _ out: inout ByteBuffer) {
        let text = vector.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0).base64EncodedData() }
        out.writeStaticString("\"")
        out.writeBytes(text)
        out.writeStaticString("\"")
    }

    private static func write(numbers vector: ArraySlice<Float>, _ out: inout ByteBuffer) {
        out.writeStaticString("[")
        for index in vector.indices {
            if index > vector.startIndex { out.writeStaticString(",") }
            out.writeString(vector[index].description)
        }
        out.writeStaticString("]")
    }
}
