/// A passage that a model is given to answer from.
package struct Source: Sendable, Equatable {
    /// By which the reply refers to it.
    package let number: Int
    package let fileID: String
    package let name: String
    package let page: Int?
    package let heading: String?
    /// Where it is in the file's text, in Unicode scalars.
    package let range: Range<Int>
    package let text: String
    /// The number of its row.
    package let chunk: Int64

    init(_ chunk: ChunkText, number: Int) {
        self.number = number
        fileID = chunk.fileID
        name = chunk.name
        page = chunk.page
        heading = chunk.heading
        range = chunk.range
        text = chunk.text
        self.chunk = chunk.number
    }
}
