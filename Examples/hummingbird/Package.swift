// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "orders",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // The path to Mynah's sources.
        .package(path: "../../Packages/MynahAuth"),
    ],
    targets: [
        .executableTarget(
            name: "orders",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "MynahAuth", package: "MynahAuth"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources")
    ]
)
