package import JSON

/// What the OpenAPI document says beyond the types: names and descriptions of schemas, and examples.
package struct OpenAPITexts: Sendable {
    package struct SchemaText: Sendable {
        package let name: String
        package let about: String
        /// The fields of the example; all of them if nil. An input often excludes some combinations.
        package let exampleFields: [String]?

        /// - Parameter name: As callers know it.
        /// - Parameter exampleFields: The fields of the example; all of them if nil.
        package init(_ name: String, _ about: String, exampleFields: [String]? = nil) {
            self.name = name
            self.about = about
            self.exampleFields = exampleFields
        }
    }

    /// The keys are the schemas' names in Swift.
    package let schemas: [String: SchemaText]
    /// The keys are `Schema.field`, with the schema's name in the document, or `field` alone.
    package let examples: [String: JSONValue]

    package init(schemas: [String: SchemaText], examples: [String: JSONValue]) {
        self.schemas = schemas
        self.examples = examples
    }

    private static let derived = [
        ("List", "One page of a list, and the cursor of the next page in `next`."),
        ("Form", "The same fields as a form, which has no null."),
    ]

    /// The text of a schema; nil if there is none. Lists and forms derive theirs.
    func text(of name: String) -> SchemaText? {
        if let text = schemas[name] { return text }
        for (suffix, about) in Self.derived where name.hasSuffix(suffix) {
            if let base = schemas[String(name.dropLast(suffix.count))] {
                return SchemaText(base.name + suffix, about, exampleFields: suffix == "Form" ? base.exampleFields : nil)
            }
        }
        return nil
    }
}
