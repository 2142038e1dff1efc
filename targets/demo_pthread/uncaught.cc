// Expected: assertion; with -DFIXED ok.
//
// An exception that nobody catches, in C++. A mailbox has a lock for each of its functions, so there is no data race;
// but who has seen that there is mail holds no lock when it fetches it, and the mail may be gone: fetch throws, on a
// thread where nobody catches it, and the program is terminated.
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

class Mailbox {
 public:
  void deliver(std::string letter) {
    const std::lock_guard guard(lock_);
    letters_.push_back(std::move(letter));
  }

  bool empty() {
    const std::lock_guard guard(lock_);
    return letters_.empty();
  }

  std::string fetch() {
    const std::lock_guard guard(lock_);
    if (letters_.empty()) throw std::out_of_range("no letter");
    std::string letter = std::move(letters_.front());
    letters_.pop_front();
    return letter;
  }

 private:
  std::mutex lock_;
  std::deque<std::string> letters_;
};

Mailbox mailbox;

void read_mail() {
#ifdef FIXED
  try {
    mailbox.fetch();
  } catch (const std::out_of_range&) {
    return;
  }
#else
  if (!mailbox.empty()) mailbox.fetch();
#endif
}

}  // namespace

int main() {
  mailbox.deliver("one letter for two readers");
  std::thread one(read_mail);
  std::thread other(read_mail);
  one.join();
  other.join();
}
