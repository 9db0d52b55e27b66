# The bucket.
resource "aws_s3_bucket" "logs" {
  bucket = "x"
  lifecycle {
    prevent_destroy = true
  }
}
variable "region" {
  type    = string
  default = "eu"
}
locals {
  name = "x"
}
module "a" { source = "./a" }
x = 1
