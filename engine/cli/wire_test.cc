#include "engine/cli/wire.h"

#include <gtest/gtest.h>

namespace gridlock {
namespace {

TEST(Wire, MessagesSurviveWhereverTheStreamIsCut) {
  const std::vector<nlohmann::json> messages = {
      {{"a", 1}}, nlohmann::json::array(), {{"text", std::string(1000, 'x')}}};
  std::string stream;
  for (const auto& message : messages) stream += frame_message(message);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    MessageReader reader;
    reader.feed({stream.data(), cut});
    auto received = reader.take();
    reader.feed({stream.data() + cut, stream.size() - cut});
    for (auto& message : reader.take()) received.push_back(std::move(message));
    EXPECT_EQ(received, messages) << "cut at " << cut;
  }
}

TEST(Wire, AnIncompleteMessageIsNotTaken) {
  const std::string frame = frame_message({{"found", true}});
  MessageReader reader;
  reader.feed({frame.data(), frame.size() - 1});
  EXPECT_TRUE(reader.take().empty());
}

TEST(Wire, VerdictsBytesAndTextComeBack) {
  const Verdict verdict{VerdictKind::kDataRace, "data-race: read a vs write b", "two cpus"};
  EXPECT_EQ(verdict_from_message(to_message(verdict)), verdict);
  const std::vector<std::uint8_t> bytes = {0, 255, 10, 0};
  const nlohmann::json message = to_message(bytes);
  EXPECT_EQ(bytes_from_message(nlohmann::json::from_cbor(nlohmann::json::to_cbor(message))), bytes);
  const std::string text("no UTF-8: \xff\0.", 12);
  EXPECT_EQ(text_from_message(to_message(text)), text);
}

}  // namespace
}  // namespace gridlock
