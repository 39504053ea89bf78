import Foundation
public import Testing

/// Returns `value`. If it is nil, because this machine lacks what the test needs, the test is skipped. If `CI` is set,
/// the test fails instead, so that CI never passes by skipping.
public func needed<Value>(
    _ value: Value?, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Value {
    #if compiler(>=6.3)
        if value == nil, ProcessInfo.processInfo.environment["CI"] == nil {
            try Test.cancel(comment, sourceLocation: sourceLocation)
        }
    #endif
    return try #require(value, comment, sourceLocation: sourceLocation)
}

/// Returns `path` if it is an executable file, see `needed(_:_:sourceLocation:)`.
public func neededProgram(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try needed(
        FileManager.default.isExecutableFile(atPath: path) ? path : nil, "this test needs \(path)",
        sourceLocation: sourceLocation)
}

extension Trait where Self == ConditionTrait {
    /// Leaves the test out of `make test-unit`, which has to be quick.
    public static var slow: Self {
        .enabled(if: ProcessInfo.processInfo.environment["MYNAH_TEST_TIER"] != "unit", "make test runs it")
    }
}
