// Where the campaigns keep what is theirs in the data folder, beside the store's own files:
//
//     spool/STINT/stint.json         whose stint this is; written before its child begins
//     spool/STINT/status             its status page
//     spool/STINT/found/TARGET/      what the child drops: SIGNATURE.repro and SIGNATURE.input
//     spool/STINT/tmp/               the child's folder for temporary files
//     corpus/TARGET/                 inputs worth keeping, shared by all that fuzz the target
//     work/                          of the process that triages; empty between two findings
//     tmp/                           temporary files of what it runs; emptied with work/
//     rejected/                      what was dropped and is no finding, each with a .reason
//
// May include: base. Pure.
#pragma once

#include <filesystem>
#include <string>

namespace gridlock::campaign {

struct DataFolder {
  std::filesystem::path root;
  [[nodiscard]] std::filesystem::path spool() const { return root / "spool"; }
  [[nodiscard]] std::filesystem::path corpus(const std::string& target) const { return root / "corpus" / target; }
  [[nodiscard]] std::filesystem::path work() const { return root / "work"; }
  [[nodiscard]] std::filesystem::path temporary() const { return root / "tmp"; }
  [[nodiscard]] std::filesystem::path rejected() const { return root / "rejected"; }
};

}  // namespace gridlock::campaign
