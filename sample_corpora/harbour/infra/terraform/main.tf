terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.40"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }

  backend "s3" {
    bucket = "moorline-terraform-state"
    key    = "harbour/terraform.tfstate"
    region = "eu-north-1"
  }
}

variable "environment" {
  description = "staging or production"
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "The environment must be staging or production."
  }
}

variable "region" {
  description = "Where everything lives. Customers' contracts say Sweden."
  type        = string
  default     = "eu-north-1"
}

variable "vpc_cidr" {
  type    = string
  default = "10.42.0.0/16"
}

variable "db_instance_class" {
  type    = string
  default = "db.r6g.large"
}

variable "db_backup_days" {
  description = "Days of point-in-time recovery. ADR 0004 asks for at least 14."
  type        = number
  default     = 14

  validation {
    condition     = var.db_backup_days >= 14
    error_message = "Point-in-time recovery must cover at least 14 days."
  }
}

variable "redis_node_type" {
  type    = string
  default = "cache.t4g.small"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      product     = "harbour"
      environment = var.environment
      managed_by  = "terraform"
    }
  }
}

locals {
  name = "harbour-${var.environment}"

  # Production keeps three zones; everything else makes do with two.
  zone_count = var.environment == "production" ? 3 : 2
}

data "aws_availability_zones" "here" {
  state = "available"
}

resource "aws_vpc" "main" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true

  tags = { Name = local.name }
}

resource "aws_subnet" "private" {
  count             = local.zone_count
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index)
  availability_zone = data.aws_availability_zones.here.names[count.index]

  tags = { Name = "${local.name}-private-${count.index}" }
}

resource "aws_security_group" "services" {
  name        = "${local.name}-services"
  description = "Pods of the harbour services"
  vpc_id      = aws_vpc.main.id
}
