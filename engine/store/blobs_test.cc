#include "engine/store/blobs.h"

#include <gmock/gmock.h>

#include <fstream>

#include "engine/store/store_fixture.h"

namespace gridlock::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BlobsTest : public testing::Test {
 protected:
  BlobsTest() { must(blobs_.prepare()); }
  [[nodiscard]] fs::path file_of(const BlobName& name) const {
    return folder_.path() / "blobs" / name.substr(0, 2) / name.substr(2);
  }
  static void overwrite(const fs::path& path, std::string_view bytes) { std::ofstream(path) << bytes; }

  TemporaryFolder folder_;
  Blobs blobs_{folder_.path() / "blobs"};
};

TEST_F(BlobsTest, ANameIsTheHashOfTheBytes) {
  // printf abc | sha256sum
  EXPECT_EQ(must(blobs_.put("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(must(blobs_.put("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(BlobsTest, AnyBytesComeBack) {
  const std::string bytes("\0\xff\n\r\0 x", 7);
  EXPECT_EQ(must(blobs_.get(must(blobs_.put(bytes)))), bytes);
  EXPECT_EQ(must(blobs_.get(must(blobs_.put("")))), "");
}

TEST_F(BlobsTest, TheSameBytesAreOneFile) {
  const BlobName name = must(blobs_.put("abc"));
  EXPECT_EQ(must(blobs_.put("abc")), name);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 1U);
}

TEST_F(BlobsTest, BytesThatTheDiskHasSpoiltAreAnErrorUntilTheyArePutAgain) {
  const BlobName name = must(blobs_.put("abc"));
  overwrite(file_of(name), "abd");
  const auto spoilt = blobs_.get(name);
  ASSERT_FALSE(spoilt.has_value());
  EXPECT_THAT(spoilt.error().message(), HasSubstr("not those that were written"));
  must(blobs_.put("abc"));
  EXPECT_EQ(must(blobs_.get(name)), "abc");
}

TEST_F(BlobsTest, NothingButAHashIsAName) {
  overwrite(folder_.path() / "secret", "secret");
  const std::string hash(64, 'a');
  for (const std::string& name : {std::string(), std::string("../secret"), hash + "a", std::string(64, 'A'),
                                  "../" + std::string(61, 'a'), std::string(64, '\0'), hash}) {
    EXPECT_FALSE(blobs_.get(name).has_value()) << name;
  }
}

TEST_F(BlobsTest, ABlobThatIsTooLargeIsAnErrorBothWays) {
  EXPECT_FALSE(blobs_.put(std::string(kBlobBytesMax + 1, 'x')).has_value());
  const BlobName name = must(blobs_.put("abc"));
  fs::resize_file(file_of(name), kBlobBytesMax + 1);
  EXPECT_FALSE(blobs_.get(name).has_value());
}

TEST_F(BlobsTest, WhatAKilledOwnerLeftHalfWrittenGoes) {
  const BlobName name = must(blobs_.put("abc"));
  overwrite(folder_.path() / "blobs" / "new-0", "ab");
  must(blobs_.prepare());
  EXPECT_FALSE(fs::exists(folder_.path() / "blobs" / "new-0"));
  EXPECT_EQ(must(blobs_.get(name)), "abc");
}

}  // namespace
}  // namespace gridlock::store
