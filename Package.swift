// swift-tools-version: 6.2
import Foundation
import PackageDescription

let testSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
// A program needs no exported symbols. Omitting them and packing relocations saves memory and start time.
let releaseLinking: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"],
        .when(platforms: [.linux], configuration: .release))
]
// Warnings stop CI, not work in progress; those that Swift Testing's macros make are not ours.
let isCI = ProcessInfo.processInfo.environment["CI"] != nil
let settings = testSettings + (isCI ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
    name: "mynah",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "mynah", targets: ["mynah"])
    ],
    // Exact versions, so that every build of the server is the same.
    dependencies: [
        .package(path: "Packages/MynahAuth"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        // Linked whole: its library's name differs between Debian 12 and 13.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "CLibPQ"),
        .target(name: "CSandbox"),
        .target(
            name: "Redis", dependencies: ["CHiredis", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CMalloc"),
        .target(name: "JSON", swiftSettings: settings),
        .target(
            name: "Archive", dependencies: ["CArgon2", "CZlib", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(name: "Fairness", swiftSettings: settings),
        .target(name: "Spans", swiftSettings: settings),
        .target(
            name: "Storage",
            dependencies: [
                "CLibPQ", "Fairness", "Spans",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Upstream",
            dependencies: [
                "Fairness", "Spans",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Files",
            dependencies: [
                "Upstream",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Reading",
            dependencies: [
                "CSandbox", "JSON",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SMTP",
            dependencies: [
                "HTTPKit", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "LLM",
            dependencies: [
                "Fairness", "JSON", "Spans", "Upstream",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPKit",
            dependencies: [
                "JSON", "Spans",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Platform",
            dependencies: [
                "HTTPKit", "JSON", "Storage", "Fairness", "Redis", "SMTP", "Spans",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Accounts",
            dependencies: [
                "Platform", "HTTPKit", "JSON", "Storage", "SMTP", "CArgon2", "CCrypt",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Metering",
            dependencies: [
                "Platform", "HTTPKit", "JSON", "Storage", "LLM", "Fairness",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Chatbots",
            dependencies: [
                "Accounts", "Files", "Metering", "Platform", "HTTPKit", "JSON", "Reading", "Storage", "LLM", "Upstream",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ModelCalls",
            dependencies: [
                "Chatbots", "Metering", "Platform", "HTTPKit", "Storage", "LLM", "Fairness", "Spans",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Knowledge",
            dependencies: [
                "ModelCalls", "Chatbots", "Accounts", "Metering", "Platform", "HTTPKit", "JSON", "Storage", "LLM",
                "Reading",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Chat",
            dependencies: [
                "Knowledge", "ModelCalls", "Chatbots", "Accounts", "Metering", "Platform", "HTTPKit", "JSON", "Storage",
                "LLM", "Fairness", "Spans",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ModelAPI",
            dependencies: [
                "Chat", "Knowledge", "ModelCalls", "Chatbots", "Accounts", "Metering", "Platform", "HTTPKit", "JSON",
                "Storage", "LLM", "Fairness", "Spans",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Imports",
            dependencies: [
                "Archive", "Chat", "Chatbots", "Accounts", "Platform", "Files", "HTTPKit", "JSON", "Storage",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Titles",
            dependencies: [
                "Chat", "Knowledge", "ModelCalls", "Chatbots", "Metering", "Platform", "HTTPKit", "Storage", "LLM",
                "Fairness",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "DatabaseMigrations",
            dependencies: ["Accounts", "Chatbots", "HTTPKit", "Platform", "Storage"],
            swiftSettings: settings
        ),
        .target(
            name: "App",
            dependencies: [
                "ModelAPI", "DatabaseMigrations", "Imports", "Titles", "Chat", "Knowledge", "ModelCalls", "Chatbots",
                "Accounts", "Metering", "Platform", "Archive", "Files", "HTTPKit", "JSON", "Reading", "SMTP",
                "Storage", "LLM", "Upstream", "Redis", "Spans",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "mynah",
            dependencies: [
                "App", "Accounts", "Chat", "CMalloc", "DatabaseMigrations", "HTTPKit", "LLM", "Platform", "Reading",
                "Storage", "Upstream",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings,
            linkerSettings: releaseLinking
        ),
        .executableTarget(
            name: "mynah-auth-example",
            dependencies: [
                .product(name: "MynahAuth", package: "MynahAuth"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Examples/hummingbird/Sources",
            swiftSettings: settings
        ),
        // What the tests below share with those in Python.
        .target(
            name: "Texts", path: "Tests/Texts", exclude: ["texts.json", "tokens.json"], swiftSettings: testSettings),
        .testTarget(
            name: "MynahAuthTests",
            dependencies: [
                .product(name: "MynahAuth", package: "MynahAuth"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Packages/MynahAuth/Tests/MynahAuthTests",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ArchiveTests",
            dependencies: ["Archive", "TestSupport", "Texts", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: testSettings
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "Texts"], swiftSettings: testSettings),
        .testTarget(name: "SpansTests", dependencies: ["Spans", "Texts"], swiftSettings: testSettings),
        .testTarget(name: "FairnessTests", dependencies: ["Fairness", "TestSupport"], swiftSettings: testSettings),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "Texts", .product(name: "Logging", package: "swift-log")],
            swiftSettings: testSettings
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: [
                "Fairness", "TestSupport", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "FilesTests",
            dependencies: [
                "Files", "TestSupport", "Texts", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ReadingTests", dependencies: ["JSON", "Reading", "TestSupport", "Texts"],
            swiftSettings: testSettings),
        .testTarget(
            name: "ImportsTests", dependencies: ["Archive", "HTTPKit", "Imports", "JSON", "Texts"],
            swiftSettings: testSettings),
        .testTarget(
            name: "KnowledgeTests",
            dependencies: ["Knowledge", "Metering", "Reading", "Texts"],
            swiftSettings: testSettings
        ),
        // A vendor that answers from a script.
        .target(
            name: "LLMTesting", dependencies: ["Fairness", "JSON", "LLM"], path: "Tests/LLMTesting",
            swiftSettings: testSettings),
        .testTarget(
            name: "LLMTests",
            dependencies: [
                "Fairness", "JSON", "LLM", "LLMTesting", "TestSupport", "Texts", "Upstream",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "AppTests",
            dependencies: [
                "Accounts", "App", "Chat", "Chatbots", "DatabaseMigrations", "Files", "HTTPKit", "Imports", "JSON",
                "Knowledge", "LLM", "LLMTesting", "Metering", "ModelAPI", "ModelCalls", "Platform", "Reading", "Redis",
                "SMTP", "Storage", "Texts", "Titles", "Upstream",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
            ],
            swiftSettings: testSettings
        ),
    ]
)
