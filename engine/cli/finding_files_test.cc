#include "engine/cli/finding_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace gridlock {
namespace {

class FindingFiles : public testing::Test {
 protected:
  FindingFiles() {
    std::string path = testing::TempDir() + "gridlock-files-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  ~FindingFiles() override { std::filesystem::remove_all(folder_); }

  static std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }

  std::filesystem::path folder_;
};

TEST_F(FindingFiles, StemsAreFileNamesWhateverTheSignature) {
  const std::regex legal("[A-Za-z0-9][A-Za-z0-9_.-]*");
  for (const std::string signature :
       {"hang: a<b + c<d", "", "../../etc/passwd", "assertion x != \"/\": f", "\xff\xfe", "-rf", "_", ".hidden"}) {
    EXPECT_TRUE(std::regex_match(finding_file_stem(signature), legal)) << finding_file_stem(signature);
  }
}

TEST_F(FindingFiles, StemsAreStableCutAndTellSignaturesApart) {
  const std::string common(200, 'f');
  EXPECT_EQ(finding_file_stem("hang: a<b"), finding_file_stem("hang: a<b"));
  EXPECT_NE(finding_file_stem("hang: a<b"), finding_file_stem("hang: a-b"));
  EXPECT_NE(finding_file_stem(common + "1"), finding_file_stem(common + "2"));
  EXPECT_LE(finding_file_stem(common).size(), kStemCharactersMax + 9);
  EXPECT_TRUE(finding_file_stem("hang: poll_irq<lock_slow").starts_with("hang-poll_irq-lock_slow-"));
}

TEST_F(FindingFiles, AWriteReplacesTheFileAndLeavesNothingElse) {
  const auto path = folder_ / "x.repro";
  ASSERT_TRUE(write_file(path, "one, which is longer"));
  ASSERT_TRUE(write_file(path, "two"));
  EXPECT_EQ(content(path), "two");
  EXPECT_EQ(entries(), 1);
}

TEST_F(FindingFiles, AFailedWriteNamesThePath) {
  const auto written = write_file(folder_ / "missing" / "x", "");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().message().find("missing/x"), std::string::npos);
}

TEST_F(FindingFiles, ADeviceIsWrittenToAndNotReplaced) {
  ASSERT_TRUE(write_file("/dev/null", "gone"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(FindingFiles, PreparingCreatesTheFolderAndLeavesNoProbe) {
  const auto deep = folder_ / "a" / "b";
  ASSERT_TRUE(prepare_directory(deep));
  EXPECT_TRUE(std::filesystem::is_empty(deep));
}

TEST_F(FindingFiles, PreparingFailsWhereAFileStands) {
  ASSERT_TRUE(write_file(folder_ / "file", ""));
  EXPECT_FALSE(prepare_directory(folder_ / "file"));
  EXPECT_FALSE(prepare_directory(folder_ / "file" / "below"));
}

}  // namespace
}  // namespace gridlock
