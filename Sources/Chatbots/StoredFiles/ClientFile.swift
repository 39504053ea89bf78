package import HTTPKit

/// A file in the shape of OpenAI's API.
package struct ClientFile: JSONOutput, Equatable {
    /// What every file is kept for: the model reads it.
    package static let purpose = "user_data"
    /// Pictures may come under this name, too.
    package static let picturePurpose = "vision"
    package static let purposes = [purpose, picturePurpose]

    package let id: String
    package let object: String
    package let bytes: Int
    /// Seconds since 1970.
    package let createdAt: Int
    package let filename: String
    package let purpose: String
    package let status: String

    package init(_ file: StoredFile) {
        id = file.id
        object = "file"
        bytes = file.bytes
        createdAt = Int(file.createdAt.milliseconds / 1000)
        filename = file.name
        purpose = Self.purpose
        status = "processed"
    }

    package struct Listing: Input, Ruled {
        package let limit: Int?
        package let after: String?
        package static var rules: [String: Rule] {
            ["limit": .number(1...200), "after": .note("The id of the last file of the previous page.")]
        }
    }

    package struct Page: JSONOutput {
        package let object: String
        package let data: [ClientFile]
        package let firstID: String?
        package let lastID: String?
        package let hasMore: Bool

        package init(_ files: [ClientFile], hasMore: Bool) {
            object = "list"
            data = files
            firstID = files.first?.id
            lastID = files.last?.id
            self.hasMore = hasMore
        }
    }

    package struct Deleted: JSONOutput {
        package let id: String
        package let object: String
        package let deleted: Bool

        package init(id: String) {
            self.id = id
            object = "file"
            deleted = true
        }
    }
}
