#include "engine/cli/source_tree.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace gridlock {
namespace {

namespace fs = std::filesystem;

TEST(SourceTree, AFileIsFoundByItsName) {
  const SourceTree tree({"engine/a.cc", "targets/lock/lock.c"});
  EXPECT_EQ(tree.path_of("lock.c", "lock"), "targets/lock/lock.c");
  EXPECT_EQ(tree.path_of("a.cc", "lock"), "engine/a.cc");
  EXPECT_EQ(tree.path_of("b.cc", "lock"), std::nullopt);
}

TEST(SourceTree, OfSeveralTheOneOfTheTargetIsMeant) {
  const SourceTree tree({"targets/xen_pv/harness.cc", "targets/lock/harness.cc"});
  EXPECT_EQ(tree.path_of("harness.cc", "xen-pv"), "targets/xen_pv/harness.cc");
  EXPECT_EQ(tree.path_of("harness.cc", "other"), std::nullopt);
}

TEST(SourceTree, HiddenAndBuiltFoldersArePassedOver) {
  std::string path = testing::TempDir() + "gridlock-tree-XXXXXX";
  const fs::path root = ::mkdtemp(path.data());
  for (const char* folder : {"src/deep", ".git", "out"}) fs::create_directories(root / folder);
  for (const char* file : {"src/deep/a.cc", "src/notes.txt", ".git/b.cc", "out/c.cc", "out/CMakeCache.txt"}) {
    std::ofstream(root / file).close();
  }
  const SourceTree tree = SourceTree::below(root);
  EXPECT_EQ(tree.path_of("a.cc", ""), "src/deep/a.cc");
  for (const char* name : {"notes.txt", "b.cc", "c.cc"}) EXPECT_EQ(tree.path_of(name, ""), std::nullopt) << name;
  fs::remove_all(root);
}

TEST(SourceTree, APathOutsideStaysAsItIs) {
  EXPECT_EQ(path_from("/a/b", "/a/b/c/d.cc"), "c/d.cc");
  EXPECT_EQ(path_from("/a/b", "/a/c.cc"), "/a/c.cc");
}

}  // namespace
}  // namespace gridlock
