#include <vector>
#include "ship.h"
#define LIMIT 3

namespace harbour {

/// A berth that ships lie at.
template <typename T>
class Berth : public Base<T> {
 public:
  explicit Berth(std::string id);
  ~Berth() override = default;
  // Reserves it.
  virtual bool reserve(const Ship& ship) const { return true; }
  bool operator==(const Berth& other) const;
  int length = 0;

 private:
  enum class Tide { High, Low };
};

struct Point {
  int x, y;
};

using Ids = std::vector<std::string>;

template <typename T>
bool Berth<T>::reserve(const Ship& ship) const {
  return ship.length < length;
}

static int helper(int a, int b = 1);

}  // namespace harbour

int main(int argc, char** argv) {
  return 0;
}
